// The world of a server script (07 §4.4, §4.5): made of one text of JSON, taken apart into another.
//
// `host(name, json)` asks the server and throws what it refuses. Dates travel as {"$d": milliseconds}.
(function (input, host) {
  'use strict';
  const state = JSON.parse(input);
  const { parse, stringify } = JSON;
  const EMPTY = -62135596800000; // 0001-01-01, the reference's "no time".

  const revive = value => {
    if (Array.isArray(value)) return value.map(revive);
    if (value === null || typeof value !== 'object') return value;
    if ('$d' in value) return new Date(value.$d);
    const result = {};
    for (const key of Object.keys(value)) result[key] = revive(value[key]);
    return result;
  };
  const deflate = value => {
    if (value === undefined) return undefined;
    if (value instanceof Date) return { $d: value.getTime() };
    if (Array.isArray(value)) return value.map(item => deflate(item) ?? null);
    if (value === null || typeof value !== 'object') return value;
    const result = {};
    for (const key of Object.keys(value)) result[key] = deflate(value[key]);
    return result;
  };
  const text = value => (value === undefined || value === null ? null : String(value));
  const json = value =>
    value === undefined || value === null ? null
      : typeof value === 'object' ? stringify(value) : String(value);
  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  const missing = name => () => { throw new Error(name + ' is not supported by this server'); };

  // Lists of the reference know these names.
  for (const name of ['Length', 'Count']) {
    Object.defineProperty(Array.prototype, name, { get() { return this.length; }, configurable: true });
  }

  // What scripts keep for their user. Every call of the host takes along what has changed.
  const userData = revive(state.userData ?? {});
  let keptBefore = stringify(userData);
  const keep = () => {
    const now = stringify(userData);
    if (now === keptBefore) return;
    keptBefore = now;
    host('keep', now);
  };
  const ask = (name, args) => {
    keep();
    const answer = parse(host(name, stringify(args)));
    if (answer.userData !== undefined) {
      for (const key of Object.keys(userData)) if (!(key in answer.userData)) delete userData[key];
      Object.assign(userData, answer.userData);
      keptBefore = stringify(userData);
    }
    return revive(answer.value);
  };

  // A record, of which assignments are noted; names in `types` that it does not carry have the value of their type.
  const blanks = { C: '', N: 0, D: EMPTY, T: '', B: false };
  const writes = /^Before(Create|Update|Delete|Formula)|^AfterFormula/.test(state.context.Condition);
  const recordOf = (values, types, assigned) => new Proxy(revive(values), {
    get(target, name) {
      if (typeof name !== 'string' || name in target) return target[name];
      const type = types[name];
      if (type === undefined) return undefined;
      return type === 'D' ? new Date(EMPTY) : type === 'Z' ? null : blanks[type];
    },
    set(target, name, value) {
      if (typeof name === 'string' && assigned) {
        if (name.startsWith('Attachments')) missing('Assigning ' + name)();
        if (name === 'UpdateOnExit' && value && writes) missing('model.UpdateOnExit before a write')();
        assigned.add(name);
      }
      target[name] = value;
      return true;
    },
  });
  const assigned = new Set();
  const model = recordOf(state.model, state.types, assigned);
  define('model', model);
  define('saved', recordOf(state.saved, state.types, null));

  const dictionary = values => Object.assign(Object.create({
    Data(key) { return this[key] ?? ''; },
    Bool(key) { return /^(1|true|on)$/i.test(this.Data(key)); },
    Int(key) { return parseInt(this.Data(key), 10) || 0; },
    Long(key) { return parseInt(this.Data(key), 10) || 0; },
  }), values);
  let error = null;
  const context = revive(state.context);
  Object.assign(context, {
    UserData: userData,
    SessionData: userData,
    QueryStrings: dictionary({}),
    Forms: dictionary({}),
    LogBuilder: '',
    Messages: [],
    ErrorData: { Type: 'None' },
    RedirectData: {},
    ResponseCollection: [],
    ServerScript: { OnTesting: false, ScriptDepth: state.depth },
    Log(value) { host('log', stringify({ type: 10, message: String(value), method: 'ServerScript' })); },
    Error(message) { error = String(message); this.ErrorData = { Type: 'CustomError', Data: [error] }; },
    AddMessage(message, css) { this.Messages.push({ Text: String(message), Css: css ?? 'alert-information' }); },
    Redirect() {},
    AddResponse() {},
    ResponseSet() {},
  });
  define('context', context);

  // Of the view only what it gives to the query is looked at again.
  const view = state.view ? revive(state.view) : { Filters: {}, SearchTypes: {}, Sorters: {} };
  const negatives = {};
  const always = [];
  let cleared = false;
  view.AlwaysGetColumns = { Add(name) { always.push(String(name)); } };
  view.FilterNegative = (name, negative) => { negatives[name] = negative ?? true; };
  view.ClearFilters = () => {
    cleared = true;
    for (const key of Object.keys(view.Filters)) delete view.Filters[key];
  };
  view.AddColumnPlaceholder = missing('view.AddColumnPlaceholder');
  define('view', view);

  // Screens only: settings are taken and forgotten, but for `RawText`, which exports show.
  const inertColumn = name => ({
    ColumnName: name, LabelText: state.labels[name] ?? '', AddChoiceHash() {}, ClearChoiceHash() {},
  });
  const columns = {};
  define('columns', new Proxy(columns, {
    get(target, name) {
      if (typeof name !== 'string' || !(name in state.labels)) return target[name];
      return (target[name] ??= inertColumn(name));
    },
  }));
  define('hidden', (values => ({
    Add(key, value) { values[key] = value; }, Get: key => values[key], GetAll: () => values,
  }))({}));
  define('responses', { Reload() {} });
  define('elements', {
    DisplayType() {}, LabelText() {}, Displayed() {}, None() {}, Disabled() {}, Hidden() {},
  });
  define('grid', { TotalCount: 0, SelectedIds: () => [] });
  define('siteSettings', {
    DefaultViewId: null, Sections: [],
    SiteId: title => {
      for (const id of ask('sites', { by: 'Title', name: String(title) })) {
        if (list('items.GetSite', { id }).some(site => Number(site.SiteId) === id)) return id;
      }
      return 0;
    },
  });

  const notification = values => Object.assign({
    Id: 0, Type: 0, Prefix: '', Address: '', CcAddress: '', BccAddress: '', Token: '', UseCustomFormat: false,
    Format: '', Disabled: false, Title: '', Body: '',
    Send() { return ask('notify', { text: stringify(this) }); },
  }, values);
  define('notifications', {
    New: () => notification({}),
    Get: id => {
      const found = ask('notifications.Get', { id: Number(id) });
      return found && notification(found);
    },
  });

  if (state.http !== false) {
    const requestHeaders = [];
    const sender = method => function () {
      Object.assign(this, { StatusCode: 0, IsSuccess: false, IsTimeOut: false, ResponseHeaders: {} });
      const answer = ask('http', { text: stringify({
        method, uri: String(this.RequestUri), content: text(this.Content), encoding: String(this.Encoding),
        mediaType: String(this.MediaType), timeOut: Math.trunc(Number(this.TimeOut)) || 0, headers: requestHeaders,
      }) });
      if (answer.isTimeOut) {
        this.IsTimeOut = true;
        return null;
      }
      Object.assign(this, {
        StatusCode: answer.statusCode, IsSuccess: answer.isSuccess, ResponseHeaders: answer.headers,
      });
      return answer.body;
    };
    define('httpClient', {
      RequestUri: '', Content: '', Encoding: 'utf-8', MediaType: 'application/json',
      TimeOut: state.httpTimeOut ?? 100000,
      RequestHeaders: { Add(name, value) { requestHeaders.push([String(name), String(value)]); } },
      ResponseHeaders: {}, StatusCode: 0, IsSuccess: false, IsTimeOut: false,
      Get: sender('GET'), Post: sender('POST'), Put: sender('PUT'), Patch: sender('PATCH'), Delete: sender('DELETE'),
    });
  }

  // Records and sites of `items`.
  const HASHES = ['Class', 'Num', 'Date', 'Description', 'Check', 'Attachments'];
  const hashOf = name => HASHES.find(prefix =>
    name.startsWith(prefix) && /^([A-Z]|\d{3})$/.test(name.slice(prefix.length)));
  const OWN = ['Title', 'Body', 'VerUp', 'Status', 'Manager', 'Owner', 'Locked', 'WorkValue', 'ProgressRate',
    'StartTime', 'CompletionTime', 'ProcessId', 'SiteName', 'SiteGroupName', 'ReferenceType', 'ParentId',
    'InheritPermission', 'Publish', 'DisableCrossSearch', 'GridGuide', 'EditorGuide', 'CalendarGuide',
    'CrosstabGuide', 'GanttGuide', 'BurnDownGuide', 'TimeSeriesGuide', 'AnalyGuide', 'KambanGuide',
    'ImageLibGuide'];
  const userTime = value => {
    if (!(value instanceof Date)) return value === null ? null : String(value);
    return parse(host('userTime', String(value.getTime())));
  };
  const marks = new WeakMap();
  const bodyOf = ({ target, set }) => {
    const body = {};
    for (const name of set) {
      const value = target[name];
      const hash = hashOf(name);
      if (hash) (body[hash + 'Hash'] ??= {})[name] = hash === 'Date' ? userTime(value) : value;
      else if (name === 'ProcessIds') {
        try { body.ProcessIds = parse(value); } catch { body.ProcessIds = []; }
      } else if (name === 'StartTime' || name === 'CompletionTime') body[name] = userTime(value);
      else if (name === 'SiteSettings') body[name] = typeof value === 'string' ? parse(value) : value;
      else if (OWN.includes(name)) body[name] = value;
    }
    return stringify(body);
  };
  const refresh = ({ target, set, site }, id) => {
    const [now] = ask(site ? 'items.GetSite' : 'items.Get', { id });
    if (now) Object.assign(target, now);
    set.clear();
  };
  const idOf = ({ target }) => Number(target.ResultId ?? target.IssueId ?? target.WikiId ?? target.SiteId);
  const create = (mark, site) => {
    const id = ask('items.Create', { id: Number(site), body: bodyOf(mark) });
    if (id !== 0) refresh(mark, id);
    return id !== 0;
  };
  const update = (mark, id) => {
    const done = ask(mark.site ? 'items.UpdateSite' : 'items.Update', { id, body: bodyOf(mark) }) !== 0;
    if (done) refresh(mark, id);
    return done;
  };
  const methods = {
    Create(site) { return create(marks.get(this), site); },
    Update() { const mark = marks.get(this); return update(mark, idOf(mark)); },
    Delete() {
      const mark = marks.get(this);
      return ask(mark.site ? 'items.DeleteSite' : 'items.Delete', { id: idOf(mark) }) !== 0;
    },
  };
  // A record or site, of which assignments are noted: they are what a write sends.
  const item = (values, site = false) => {
    const set = new Set();
    const target = Object.assign(Object.create(methods), values);
    const made = new Proxy(target, {
      // Columns without a value are there all the same.
      get(_, name) {
        const hash = typeof name === 'string' && !(name in target) ? hashOf(name) : undefined;
        return hash ? unset(hash) : target[name];
      },
      set(_, name, value) { set.add(name); target[name] = value; return true; },
    });
    marks.set(made, { target, set, site });
    return made;
  };
  const unset = hash =>
    (hash === 'Date' ? new Date(EMPTY) : hash === 'Num' ? null : hash === 'Check' ? false : '');
  const markOf = value => (typeof value === 'object' && value !== null ? marks.get(value) : undefined);
  const list = (name, args) => ask(name, args).map(values => item(values, name === 'items.GetSite'));
  const aggregate = name => (id, column, view) =>
    ask(name, { id: Number(id), name: String(column), body: json(view) });
  // A site that the user may not see is there, and empty.
  const sitesBy = by => (name, body) => ask('sites', { by, name: String(name) }).map(id =>
    list('items.GetSite', { id, body: json(body) })[0] ?? item({ SiteId: 0 }, true));
  // Whatever is no record counts as the text of a request; nothing is none.
  const write = (name, id, value) =>
    text(value) !== null && ask(name, { id: Number(id), body: text(value) }) !== 0;
  define('items', {
    Get: (id, view) => list('items.Get', { id: Number(id), body: json(view) }),
    GetSite: (id, body) => list('items.GetSite', { id: Number(id), body: json(body) }),
    GetSiteByTitle: sitesBy('Title'),
    GetSiteByName: sitesBy('SiteName'),
    GetSiteByGroupName: sitesBy('SiteGroupName'),
    GetClosestSite: (name, id) => {
      const site = ask('items.GetClosestSite', { id: Number(id ?? context.SiteId), name: String(name) });
      return site === 0 ? null : list('items.GetSite', { id: site })[0] ?? null;
    },
    New: () => item({}),
    NewIssue: () => item({}),
    NewResult: () => item({}),
    NewSite: type => { const site = item({}, true); site.ReferenceType = type; return site; },
    Create: (id, value) =>
      markOf(value) ? create(markOf(value), id) : write('items.Create', id, value),
    Update: (id, value) =>
      markOf(value) ? update(markOf(value), Number(id)) : write('items.Update', id, value),
    Upsert: (id, value) => write('items.Upsert', id, value),
    Delete: id => ask('items.Delete', { id: Number(id) }) !== 0,
    BulkDelete: (id, value) => ask('items.BulkDelete', { id: Number(id), body: text(value) }),
    Count: (id, view) => ask('items.Count', { id: Number(id), body: json(view) }),
    Sum: aggregate('items.Sum'),
    Average: aggregate('items.Average'),
    Max: aggregate('items.Max'),
    Min: aggregate('items.Min'),
    MaxDate: aggregate('items.MaxDate'),
    MinDate: aggregate('items.MinDate'),
  });

  // Parameters are a text of JSON; anything else is ignored, as in the reference.
  const tables = (name, params) =>
    ask('extendedSql', { name: String(name), params: typeof params === 'string' ? params : null });
  define('extendedSql', {
    ExecuteDataSet: tables,
    ExecuteTable: (name, params) => tables(name, params).Table ?? null,
    ExecuteRow: (name, params) => tables(name, params).Table?.[0] ?? null,
    ExecuteScalar: (name, params) => {
      const row = tables(name, params).Table?.[0];
      return row ? Object.values(row)[0] ?? null : null;
    },
    ExecuteNonQuery: (name, params) => { tables(name, params); return 0; },
  });

  define('users', { Get: id => ask('users.Get', { id: Number(id) }) });
  define('depts', {
    Get: id => {
      const dept = ask('depts.Get', { id: Number(id) });
      return dept && Object.assign(dept, { GetMembers: () => ask('depts.Members', { id: dept.DeptId }) });
    },
  });
  const idOr = (name, value) => Number(typeof value === 'object' && value !== null ? value[name] : value) || 0;
  const group = id => groupOf(ask('groups.Get', { id: Number(id) }));
  const groupOf = found => {
    if (!found) return null;
    const members = () => ask('groups.Members', { id: found.GroupId });
    const children = () => members().filter(member => member.GroupId !== 0);
    const contains = who => ask('groups.Contains', { id: found.GroupId, ...who });
    return Object.assign(found, {
      GetMembers: members,
      ContainsDept: dept => contains({ dept: idOr('DeptId', dept) }),
      ContainsUser: user => contains({ user: idOr('UserId', user) }),
      GetChildren: () => ask('groups.Children', { id: found.GroupId }).map(groupOf),
      ContainsChild: child => children().some(own => own.GroupId === idOr('GroupId', child)),
    });
  };
  define('groups', {
    Get: group,
    Update: (id, value) => ask('groups.Update', { id: Number(id), body: text(value) }),
  });

  const times = revive(state.times);
  define('utilities', {
    Today: () => new Date(times.today),
    InRange: date => date instanceof Date && date >= times.min && date <= times.max,
    MinTime: () => new Date(times.min),
    MaxTime: () => new Date(times.max),
    EmptyTime: () => new Date(EMPTY),
    ConvertToBase64String: (value, encoding) =>
      ask('base64', { text: String(value), encoding: String(encoding ?? 'utf-8') }),
  });
  const log = (type, message, method, _console, sysLogs) => {
    if (sysLogs ?? true) {
      host('log', stringify({ type, message: String(message), method: String(method ?? '') }));
    }
    return true;
  };
  define('logs', {
    LogInfo: (...rest) => log(10, ...rest),
    LogWarning: (...rest) => log(50, ...rest),
    LogUserError: (...rest) => log(60, ...rest),
    LogSystemError: (...rest) => log(80, ...rest),
    LogException: (...rest) => log(90, ...rest),
    Log: (type, ...rest) => log(Number(type), ...rest),
  });

  const str2csv = value => {
    const rows = [[]];
    let cell = '', quoted = false;
    const source = String(value);
    for (let at = 0; at < source.length; at++) {
      const c = source[at];
      if (quoted) {
        if (c !== '"') cell += c;
        else if (source[at + 1] === '"') { cell += '"'; at++; }
        else quoted = false;
      } else if (c === '"') quoted = true;
      else if (c === ',') { rows.at(-1).push(cell); cell = ''; }
      else if (c === '\n') { rows.at(-1).push(cell.replace(/\r$/, '')); cell = ''; rows.push([]); }
      else cell += c;
    }
    if (cell !== '' || rows.at(-1).length > 0) rows.at(-1).push(cell); else rows.pop();
    return rows;
  };
  const csv2str = rows =>
    rows.map(row => row.map(cell => '"' + String(cell).replaceAll('"', '""') + '"').join(',')).join('\n');
  const ps = { JSON: { stringify, parse }, CSV: { str2csv, csv2str } };
  define('$ps', ps);
  define('$p', ps);
  define('JsonConvert', { SerializeObject: value => stringify(value), DeserializeObject: value => parse(value) });

  const encode = value => {
    if (value === undefined) return { k: 'undefined' };
    if (value === null) return { k: 'null' };
    if (value instanceof Date) return { k: 'date', v: Number.isNaN(value.getTime()) ? '' : String(value.getTime()) };
    return { k: typeof value, v: String(value) };
  };

  // 07 §4.4. Behind a write it is an update of its own, which has its own scripts, up to the depth that is allowed.
  const updateOnExit = () => {
    const id = Number(model.ResultId ?? model.IssueId ?? 0);
    if (!model.UpdateOnExit || id <= 0) return;
    ask('items.Update', { id, body: bodyOf({ target: model, set: assigned }) });
  };

  return value => {
    updateOnExit();
    keep();
    const changed = {};
    for (const name of assigned) changed[name] = encode(model[name]);
    const rawTexts = {};
    for (const [name, column] of Object.entries(columns)) {
      if (column.RawText !== undefined && column.RawText !== null) rawTexts[name] = String(column.RawText);
    }
    const result = { changed, error, value: encode(value), rawTexts };
    if (state.view) {
      result.view = {
        cleared, always, negatives,
        filters: Object.fromEntries(Object.entries(view.Filters).map(([k, v]) => [k, json(v) ?? ''])),
        types: Object.fromEntries(Object.entries(view.SearchTypes).map(([k, v]) => [k, String(v)])),
        sorters: Object.fromEntries(Object.entries(view.Sorters).map(([k, v]) => [k, String(v)])),
        where: text(view.OnSelectingWhere),
        order: text(view.OnSelectingOrderBy),
      };
    }
    return stringify(result);
  };
})
