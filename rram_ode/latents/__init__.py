"""Pictures in a latent space: an autoencoder, its training, its data set."""

from ._accuracy import latent_quality as latent_quality, LatentQuality as LatentQuality
from ._anchors import anchors as anchors, nearest_anchor as nearest_anchor
from ._autoencoder import (
    Autoencoder as Autoencoder,
    untrained_autoencoder as untrained_autoencoder,
)
from ._checkpoint import (
    find_autoencoder as find_autoencoder,
    load_autoencoder as load_autoencoder,
    save_autoencoder as save_autoencoder,
    TrainedAutoencoder as TrainedAutoencoder,
)
from ._latent_pictures import (
    latent_pictures as latent_pictures,
    LatentPictures as LatentPictures,
    SCALE as SCALE,
)
from ._loss import batch_loss as batch_loss, divergence as divergence
from ._training import (
    check_latents as check_latents,
    fit_autoencoder as fit_autoencoder,
    FittedAutoencoder as FittedAutoencoder,
    LatentsProgress as LatentsProgress,
)
