// Whether a text meets a pattern of .NET that Rust's library does not know, such as one that looks ahead (03 §10.3).
// Anchors, digits and words that .NET writes or means otherwise are translated first.
(() => {
    const word = '\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}';
    const anchors = { A: '^', Z: '$', z: '$' };
    const letters = { ...anchors, d: '\\p{Nd}', D: '\\P{Nd}', w: `[${word}]`, W: `[^${word}]` };
    const written = letters => {
        let inside = false;
        return model.pattern.replace(/\\(.)|[[\]]/gs, (all, letter) => {
            if (letter === undefined) { inside = all === '['; return all; }
            if (inside && letter === 'w' && letters.w) return word;
            return inside && letter === 'W' ? all : letters[letter] ?? all;
        });
    };
    const read = () => {
        try { return new RegExp(written(letters), 'u'); } catch { return new RegExp(written(anchors)); }
    };
    const made = read();
    return String(made.test(model.text) || (model.text.endsWith('\n') && made.test(model.text.slice(0, -1))));
})()
