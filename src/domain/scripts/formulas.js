// The world of an extended formula (03 §13.2, 07 §4.7): the record's values and the functions of a spreadsheet.
// Times are texts `yyyy/MM/dd HH:mm:ss` by the user's clock; serial numbers count days as spreadsheets do.
(function (input, host) {
  'use strict';
  const state = JSON.parse(input);
  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  define('model', state.model);

  // What functions answer instead of a value; the formula's last value decides what becomes of it.
  const [NA, VALUE, REF, DIV0, NUM, NAME, NULL] =
    ['#N/A', '#VALUE!', '#REF!', '#DIV/0!', '#NUM!', '#NAME?', '#NULL!'];
  const INVALID = 'Invalid Parameter';
  const ERRORS = [NA, VALUE, REF, DIV0, NUM, NAME, NULL, INVALID];
  class Failure extends Error {}
  const fail = text => { throw new Failure(text); };

  const blank = value => value === undefined || value === null || value === '';
  const text = value => (blank(value) ? '' : value === true ? 'True' : value === false ? 'False' : String(value));
  const number = (value, otherwise = VALUE) => {
    if (blank(value)) return 0;
    if (typeof value === 'boolean') return value ? 1 : 0;
    const result = Number(value);
    return Number.isNaN(result) ? fail(otherwise) : result;
  };
  const whole = (value, otherwise) => Math.trunc(number(value, otherwise));
  const truth = value => typeof value === 'string' ? /^true$/i.test(value) || (value !== '' && Number(value) !== 0 && !Number.isNaN(Number(value))) : Boolean(value);

  // Times: milliseconds of a clock without a zone.
  const DAY = 86400000;
  const FIRST = Date.UTC(1900, 0, 1), LAST = Date.UTC(10000, 0, 1);
  const inRange = time => (time >= FIRST && time < LAST ? time : undefined);
  const serial = value => {
    // A spreadsheet believes in 1900-02-29, which serials above 59 pass over.
    const days = value > 59 ? value - 1 : value;
    return inRange(FIRST + Math.round((days - 1) * DAY / 1000) * 1000);
  };
  const parse = value => {
    const parts = /^\s*(\d{1,4})[/-](\d{1,2})[/-](\d{1,2})(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?\s*$/.exec(value);
    if (!parts) return undefined;
    const [y, m, d, h, n, s] = parts.slice(1).map(part => Number(part ?? 0));
    const time = Date.UTC(y, m - 1, d, h, n, s);
    const read = new Date(time);
    return read.getUTCMonth() === m - 1 && read.getUTCDate() === d && h < 24 && n < 60 && s < 60
      ? inRange(time) : undefined;
  };
  const time = (value, otherwise = VALUE) => {
    const found = typeof value === 'number' ? serial(value)
      : parse(String(value)) ?? (Number.isNaN(Number(value)) ? undefined : serial(Number(value)));
    return found === undefined ? fail(otherwise) : new Date(found);
  };
  const two = value => String(value).padStart(2, '0');
  const day = t => `${String(t.getUTCFullYear()).padStart(4, '0')}/${two(t.getUTCMonth() + 1)}/${two(t.getUTCDate())}`;
  const moment = t => `${day(t)} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}`;
  const composed = (y, m, d, h = 0, n = 0, s = 0) => {
    let year = whole(y, VALUE);
    if (year < 0 || year > 9999) fail(NUM);
    if (year < 1900) year += 1900;
    const made = Date.UTC(year, whole(m) - 1, whole(d), whole(h), whole(n), whole(s));
    return new Date(inRange(made) ?? fail(NUM));
  };
  const datePart = (empty, otherwise, part) => value => (blank(value) ? empty : part(time(value, otherwise)));
  const monthsBetween = (a, b) => {
    const months = (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
    return b.getUTCDate() < a.getUTCDate() ? months - 1 : months;
  };
  const dayStart = t => Math.floor(t.getTime() / DAY);
  const difference = (from, to, unit) => {
    const a = time(from), b = time(to);
    if (a > b) fail(VALUE);
    const months = monthsBetween(a, b);
    switch (String(unit).toUpperCase()) {
      case 'Y': return Math.floor(months / 12);
      case 'M': return months;
      case 'D': return dayStart(b) - dayStart(a);
      case 'MD': {
        const days = b.getUTCDate() - a.getUTCDate();
        return days >= 0 ? days : days + new Date(Date.UTC(b.getUTCFullYear(), b.getUTCMonth(), 0)).getUTCDate();
      }
      case 'YM': return months % 12;
      case 'YD': {
        let from = Date.UTC(b.getUTCFullYear(), a.getUTCMonth(), a.getUTCDate());
        if (from > b.getTime()) from = Date.UTC(b.getUTCFullYear() - 1, a.getUTCMonth(), a.getUTCDate());
        return Math.floor((b.getTime() - from) / DAY);
      }
      case 'H': return Math.floor((b - a) / 3600000);
      case 'N': return Math.floor((b - a) / 60000);
      case 'S': return Math.floor((b - a) / 1000);
      default: return fail(NUM);
    }
  };
  const weekday = (value, type = 1) => {
    const sunday = time(value).getUTCDay(); // 0 is Sunday.
    const kind = whole(type);
    if (kind === 1) return sunday + 1;
    if (kind === 2) return (sunday + 6) % 7 + 1;
    if (kind === 3) return (sunday + 6) % 7;
    // 11 begins on Monday, 17 on Sunday.
    return kind >= 11 && kind <= 17 ? (sunday - (kind - 10) + 7) % 7 + 1 : fail(NUM);
  };

  // Numbers keep the decimal digits that they are written with.
  const rounded = mode => (value, digits = 0) => {
    const n = number(value);
    const places = Math.max(-30, Math.min(30, whole(digits)));
    const size = Math.abs(n);
    const moved = Number(shift(size, places));
    const whole_ = mode === 'up' ? Math.ceil(moved) : mode === 'down' ? Math.floor(moved) : Math.floor(moved + 0.5);
    const result = Number(shift(whole_, -places));
    return n < 0 && result !== 0 ? -result : result;
  };
  const shift = (value, places) => {
    const [digits, exponent = '0'] = String(value).split('e');
    return `${digits}e${Number(exponent) + places}`;
  };
  const numbers = values => values.filter(value =>
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))).map(Number);

  // Half and full width.
  const HALF = 'ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｯｬｭｮｰ｡｢｣､･ﾞﾟ';
  const FULL = 'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォッャュョー。「」、・゛゜';
  const VOICED = 'ガギグゲゴザジズゼゾダヂヅデドバビブベボヴ', UNVOICED = 'カキクケコサシスセソタチツテトハヒフヘホウ';
  const ROUND = 'パピプペポ', UNROUND = 'ハヒフヘホ';
  const toHalf = value => [...text(value)].map(c => {
    const code = c.codePointAt(0);
    if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0);
    if (c === '\u3000') return ' ';
    if (VOICED.includes(c)) return HALF[FULL.indexOf(UNVOICED[VOICED.indexOf(c)])] + 'ﾞ';
    if (ROUND.includes(c)) return HALF[FULL.indexOf(UNROUND[ROUND.indexOf(c)])] + 'ﾟ';
    return FULL.includes(c) ? HALF[FULL.indexOf(c)] : c;
  }).join('');
  const toFull = value => {
    let result = '';
    for (const c of text(value)) {
      const code = c.codePointAt(0), last = result.at(-1);
      if (c === 'ﾞ' && last && UNVOICED.includes(last)) result = result.slice(0, -1) + VOICED[UNVOICED.indexOf(last)];
      else if (c === 'ﾟ' && last && UNROUND.includes(last)) result = result.slice(0, -1) + ROUND[UNROUND.indexOf(last)];
      else if (code >= 0x21 && code <= 0x7e) result += String.fromCharCode(code + 0xfee0);
      else if (c === ' ') result += '\u3000';
      else result += HALF.includes(c) ? FULL[HALF.indexOf(c)] : c;
    }
    return result;
  };
  // The formats of .NET, in the user's language.
  const written = (kind, value, format) =>
    JSON.parse(host(kind, JSON.stringify({ value: String(value), format: text(format) })));
  const formatted = (value, format) => {
    if (blank(format)) return text(value);
    if (typeof value === 'string') {
      const read = parse(value);
      if (read !== undefined) {
        return written('time', moment(new Date(read)), format);
      }
      if (value.trim() === '' || Number.isNaN(Number(value))) return value;
    }
    if (typeof value === 'number' && /[ymdhHs]/.test(format) && !/[#0]/.test(format)) {
      return written('time', moment(time(value)), format);
    }
    return written('number', number(value), format);
  };
  const found = (needle, hay, start, missing) => {
    const from = blank(start) ? 1 : whole(start);
    if (from < 1 || from > hay.length + 1) return fail(VALUE);
    const at = hay.indexOf(needle, from - 1);
    return at < 0 ? missing() : at + 1;
  };
  const count = (value, otherwise) => {
    const result = value === undefined ? otherwise : whole(value);
    return result < 0 ? fail(VALUE) : result;
  };

  // Each with the fewest and the most arguments that it takes.
  const functions = {
    DATE: [3, 3, (y, m, d) => day(composed(y, m, d))],
    DATETIME: [6, 6, (...parts) => moment(composed(...parts))],
    TODAY: [0, 0, () => state.now.slice(0, 10)],
    NOW: [0, 0, () => state.now],
    YEAR: [1, 1, datePart(1900, VALUE, t => t.getUTCFullYear())],
    MONTH: [1, 1, datePart(1, VALUE, t => t.getUTCMonth() + 1)],
    DAY: [1, 1, datePart(0, VALUE, t => t.getUTCDate())],
    HOUR: [1, 1, datePart(0, NUM, t => t.getUTCHours())],
    MINUTE: [1, 1, datePart(0, VALUE, t => t.getUTCMinutes())],
    SECOND: [1, 1, datePart(0, VALUE, t => t.getUTCSeconds())],
    DAYS: [2, 2, (end, start) => dayStart(time(end)) - dayStart(time(start))],
    DATEDIF: [3, 3, difference],
    WEEKDAY: [1, 2, weekday],
    EOMONTH: [2, 2, (value, months) => {
      const t = typeof value === 'string' ? time(value) : fail(VALUE);
      const end = Date.UTC(t.getUTCFullYear(), t.getUTCMonth() + 1 + whole(months), 0);
      return day(new Date(inRange(end) ?? fail(NUM)));
    }],
    CONCAT: [1, Infinity, (...values) => values.map(text).join('')],
    FIND: [2, 3, (f, t, start) => found(text(f), text(t), start, () => fail(VALUE))],
    SEARCH: [2, 3, (f, t, start) =>
      found(text(f).toLowerCase(), text(t).toLowerCase(), start, () => 'Not Found')],
    LEFT: [1, 2, (t, n) => text(t).slice(0, count(n, 1))],
    RIGHT: [1, 2, (t, n) => { const c = count(n, 1); return c === 0 ? '' : text(t).slice(-c); }],
    MID: [3, 3, (t, start, n) => {
      const from = whole(start);
      return from < 1 ? fail(VALUE) : text(t).slice(from - 1, from - 1 + count(n, 0));
    }],
    LEN: [1, 1, t => text(t).length],
    LOWER: [1, 1, t => text(t).toLowerCase()],
    UPPER: [1, 1, t => text(t).toUpperCase()],
    TRIM: [1, 1, t => text(t).trim()],
    // The old text is a regular expression, as in the reference.
    SUBSTITUTE: [3, 4, (t, old, now, hit) => {
      if (text(old) === '') return text(t);
      let at = 0;
      const wanted = hit === undefined ? 0 : whole(hit);
      if (hit !== undefined && wanted < 1) return fail(VALUE);
      return text(t).replace(new RegExp(text(old), 'g'), all => {
        at++;
        return wanted === 0 || at === wanted ? text(now) : all;
      });
    }],
    REPLACE: [4, 4, (old, start, n, now) => {
      const from = whole(start) - 1, source = text(old);
      return from < 0 ? fail(VALUE) : source.slice(0, from) + text(now) + source.slice(from + count(n, 0));
    }],
    ASC: [1, 1, toHalf],
    JIS: [1, 1, toFull],
    VALUE: [1, 1, t => number(toHalf(t).replaceAll(',', ''))],
    TEXT: [2, 2, formatted],
    AND: [1, Infinity, (...values) => values.every(truth)],
    OR: [1, Infinity, (...values) => values.some(truth)],
    NOT: [1, 1, value => !truth(value)],
    IF: [2, 3, (c, a, b = false) => (truth(c) ? a : b)],
    IFS: [2, Infinity, (...values) => {
      if (values.length % 2 !== 0) return fail(INVALID);
      for (let at = 0; at < values.length; at += 2) if (truth(values[at])) return values[at + 1];
      return fail(NA);
    }],
    IFERROR: [2, 2, (value, otherwise) => (ERRORS.includes(value) ? otherwise : value)],
    ISBLANK: [1, 1, blank],
    ISERROR: [1, 1, value => ERRORS.includes(value)],
    ISNUMBER: [1, 1, value => typeof value === 'number'],
    ISTEXT: [1, 1, value => typeof value === 'string'],
    ISEVEN: [1, 1, value => whole(value) % 2 === 0],
    ISODD: [1, 1, value => whole(value) % 2 !== 0],
    ABS: [1, 1, value => Math.abs(number(value))],
    MOD: [2, 2, (value, divisor) => {
      const [n, d] = [number(value), number(divisor)];
      if (d === 0) return fail(DIV0);
      const rest = Math.abs(n % d);
      return d < 0 && rest !== 0 ? -rest : rest;
    }],
    ODD: [1, 1, value => {
      const n = number(value);
      let size = Math.ceil(Math.abs(n));
      if (size % 2 === 0) size++;
      return n < 0 ? -size : size;
    }],
    POWER: [2, 2, (value, exponent) => {
      const [n, e] = [number(value), number(exponent)];
      const result = n === 0 && e === 0 ? NaN : n ** e;
      return Number.isFinite(result) ? result : fail(NUM);
    }],
    SQRT: [1, 1, value => { const n = number(value); return n < 0 ? fail(NUM) : Math.sqrt(n); }],
    RAND: [0, 0, () => Math.random()],
    ROUND: [1, 2, rounded('half')],
    ROUNDUP: [1, 2, rounded('up')],
    ROUNDDOWN: [1, 2, rounded('down')],
    TRUNC: [1, 2, rounded('down')],
    AVERAGE: [1, Infinity, (...values) => {
      const all = numbers(values);
      return all.length === 0 ? fail(DIV0) : all.reduce((sum, n) => sum + n, 0) / all.length;
    }],
    MIN: [1, Infinity, (...values) => { const all = numbers(values); return all.length === 0 ? 0 : Math.min(...all); }],
    MAX: [1, Infinity, (...values) => { const all = numbers(values); return all.length === 0 ? 0 : Math.max(...all); }],
  };
  for (const [name, [fewest, most, body]] of Object.entries(functions)) {
    define('$' + name, (...values) => {
      if (values.length < fewest || values.length > most) return INVALID;
      // An error given to a function is its answer, unless it asks for errors.
      const given = /^IS|^IF/.test(name) ? undefined : values.find(value => ERRORS.includes(value));
      if (given !== undefined) return given;
      try {
        return body(...values);
      } catch (error) {
        if (error instanceof Failure) return error.message;
        throw error;
      }
    });
  }

  return value => JSON.stringify(
    value === undefined || value === null ? ''
      : value instanceof Date ? moment(new Date(value.getTime()))
        : typeof value === 'number' && !Number.isFinite(value) ? (Number.isNaN(value) ? NUM : DIV0)
          : text(value));
})
