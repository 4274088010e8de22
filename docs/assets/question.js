// Put ahead of the search's worker by docs/hooks/question.py: a question is asked as it
// is typed. Signs that are operators or end a sentence go, and so do words that every
// page has; the words that remain are looked for, and other words of their stem.
{
  const listen = self.addEventListener;
  const bare = (word) => word.replace(/^[-+~^:*'"(]+|[?!,;:.)'"^~*]+$/g, "");
  const says = (word) => word.length > 1 && lunr.stopWordFilter(word.toLowerCase());
  const stem = (word) =>
    /^[a-z]+$/i.test(word) ? lunr.stemmer(new lunr.Token(word.toLowerCase(), {})).toString() : word;
  const asked = (query) => {
    const words = query.split(/\s+/).map(bare).filter(Boolean);
    const kept = words.filter(says);
    const sought = (kept.length ? kept : words).flatMap((word) => [word, stem(word)]);
    return [...new Set(sought)].join(" ");
  };
  self.addEventListener = (kind, listener) =>
    listen.call(self, kind, kind !== "message" ? listener : ({ data }) =>
      listener({ data: data.type === 2 ? { ...data, data: asked(data.data) } : data }));
}
