"""Training a network by score or flow matching, and its checkpoints."""

from ._batch import (
    Batch as Batch,
    draw_batch as draw_batch,
    stratified_times as stratified_times,
)
from ._calibration import calibrate as calibrate, Calibration as Calibration
from ._checkpoint import (
    Checkpoint as Checkpoint,
    find_record as find_record,
    load_checkpoint as load_checkpoint,
    save_checkpoint as save_checkpoint,
    shipped_checkpoint as shipped_checkpoint,
    shipped_names as shipped_names,
)
from ._chips import (
    batch_ranges as batch_ranges,
    TrainingChips as TrainingChips,
    without_idle as without_idle,
)
from ._fit import begin as begin, Fit as Fit, fit as fit, Progress as Progress
from ._imported import import_network as import_network, Imported as Imported
from ._layout import (
    Layout as Layout,
    parse_layout as parse_layout,
    read_layout as read_layout,
)
from ._lead import lead_points as lead_points
from ._loss import denoising_loss as denoising_loss, network_losses as network_losses
from ._madam import hold_weights as hold_weights, madam as madam
from ._picture_fit import (
    fit_pictures as fit_pictures,
    picture_batch as picture_batch,
    picture_loss as picture_loss,
)
from ._picture_networks import (
    attention_recipe as attention_recipe,
    load_picture_network as load_picture_network,
    PICTURE_NETWORKS as PICTURE_NETWORKS,
    PictureNetwork as PictureNetwork,
    Recipe as Recipe,
    shipped_picture_network as shipped_picture_network,
    train_picture_network as train_picture_network,
)
from ._plan import check_plan as check_plan
from ._ranges import measure_ranges as measure_ranges
from ._sample_loss import (
    mmd_loss as mmd_loss,
    sliced_wasserstein_loss as sliced_wasserstein_loss,
)
from ._step import advance as advance, CHUNK as CHUNK
from ._tune import (
    parameters as parameters,
    tune as tune,
    Tuned as Tuned,
    with_parameters as with_parameters,
)
from ._twin_points import twin_points as twin_points
from ._untrained import (
    forward_process as forward_process,
    readout as readout,
    require_no_beta as require_no_beta,
    untrained as untrained,
)
from ._weight_files import read_tensors as read_tensors
from ._weight_noise import (
    column_noise as column_noise,
    proportional_noise as proportional_noise,
)
