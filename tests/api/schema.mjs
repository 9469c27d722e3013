// Checks answers against an OpenAPI 3.1 document: the part of JSON Schema that ours uses, and an
// error for any keyword beyond it, so that nothing is passed over in silence.
const ANNOTATIONS = new Set(["title", "description", "examples", "example", "default", "deprecated", "readOnly", "writeOnly"]);

const FORMATS = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
};

const typeOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

function isType(value, type) {
  return type === "integer" ? Number.isInteger(value) : typeOf(value) === type;
}

// What is wrong with a value, each with the place; [] when nothing is.
const keywords = {
  type: (types, value, at) =>
    [types].flat().some((type) => isType(value, type)) ? [] : [`${at}: ${typeOf(value)} is not ${types}`],
  enum: (values, value, at) => (values.includes(value) ? [] : [`${at}: ${value} is not one of ${values}`]),
  const: (wanted, value, at) => (value === wanted ? [] : [`${at}: is not ${wanted}`]),
  format: (name, value, at) => {
    if (typeof value !== "string" || !FORMATS[name]) return [];
    return FORMATS[name].test(value) ? [] : [`${at}: "${value}" is no ${name}`];
  },
  pattern: (text, value, at) =>
    typeof value !== "string" || new RegExp(text, "u").test(value) ? [] : [`${at}: "${value}" does not match ${text}`],
  minimum: (least, value, at) => (typeof value !== "number" || value >= least ? [] : [`${at}: ${value} < ${least}`]),
  maximum: (most, value, at) => (typeof value !== "number" || value <= most ? [] : [`${at}: ${value} > ${most}`]),
  minLength: (least, value, at) => (typeof value !== "string" || [...value].length >= least ? [] : [`${at}: too short`]),
  maxLength: (most, value, at) => (typeof value !== "string" || [...value].length <= most ? [] : [`${at}: too long`]),
  minItems: (least, value, at) => (!Array.isArray(value) || value.length >= least ? [] : [`${at}: too few`]),
  maxItems: (most, value, at) => (!Array.isArray(value) || value.length <= most ? [] : [`${at}: too many`]),
  items: (schema, value, at, root) =>
    Array.isArray(value) ? value.flatMap((item, i) => check(schema, item, `${at}[${i}]`, root)) : [],
  required: (names, value, at) =>
    typeOf(value) !== "object" ? [] : names.filter((name) => !(name in value)).map((name) => `${at}: has no ${name}`),
  // An undocumented member is a mistake too, unless the schema allows them in so many words.
  properties: (members, value, at, root, schema) => {
    if (typeOf(value) !== "object") return [];
    return Object.entries(value).flatMap(([name, member]) => {
      if (members[name]) return check(members[name], member, `${at}.${name}`, root);
      return schema.additionalProperties ? [] : [`${at}.${name}: is not documented`];
    });
  },
  additionalProperties: (allowed, value, at, root, schema) => {
    if (typeof allowed !== "object" || typeOf(value) !== "object") return [];
    return Object.entries(value)
      .filter(([name]) => !schema.properties?.[name])
      .flatMap(([name, member]) => check(allowed, member, `${at}.${name}`, root));
  },
  anyOf: (schemas, value, at, root) => anyOf(schemas, value, at, root),
  oneOf: (schemas, value, at, root) => {
    const fitting = schemas.filter((schema) => check(schema, value, at, root).length === 0).length;
    return fitting === 1 ? [] : fitting ? [`${at}: fits ${fitting} of oneOf`] : anyOf(schemas, value, at, root);
  },
  allOf: (schemas, value, at, root) => schemas.flatMap((schema) => check(schema, value, at, root)),
  $ref: (place, value, at, root) => check(resolve(root, place), value, at, root),
};

function anyOf(schemas, value, at, root) {
  const problems = schemas.map((schema) => check(schema, value, at, root));
  return problems.some((list) => list.length === 0) ? [] : problems.sort((a, b) => a.length - b.length)[0];
}

function resolve(root, place) {
  const found = place
    .replace(/^#\//, "")
    .split("/")
    .reduce((at, name) => at?.[name], root);
  if (!found) throw new Error(`the document has no ${place}`);
  return found;
}

export function check(schema, value, at, root) {
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (ANNOTATIONS.has(keyword)) return [];
    if (!keywords[keyword]) throw new Error(`${at}: this checker does not know the keyword ${keyword}`);
    return keywords[keyword](argument, value, at, root, schema);
  });
}

// All schemas of a document, wherever they stand, must be ones the checker knows.
export class Document {
  constructor(root) {
    this.root = root;
    this.routes = Object.entries(root.paths).map(([template, item]) => ({
      template,
      item,
      literal: template.split("/").filter((part) => !part.startsWith("{")).length,
      matches: new RegExp(
        `^${template
          .replace(/\/$/, "")
          .replace(/[.*+?^$()|[\]\\]/g, "\\$&")
          .replace(/\{[^}]*\.\.\.\}/g, ".+")
          .replace(/\{[^}]*\}/g, "[^/]+")}/?$`,
      ),
    }));
  }

  // The operation for a path; a literal segment is preferred to a parameter.
  operation(method, path) {
    const fitting = this.routes
      .filter(({ matches }) => matches.test(path))
      .sort((a, b) => b.literal - a.literal)
      .find(({ item }) => item[method.toLowerCase()]);
    return fitting && { template: fitting.template, ...fitting.item[method.toLowerCase()] };
  }

  // What is wrong with a value that is to be one of the document's schemas.
  checkSchema(name, value) {
    return check({ $ref: `#/components/schemas/${name}` }, value, name, this.root);
  }

  // What is wrong with an answer. Errors of shared layers (a route that does not exist, a method it
  // does not have) belong to no operation and are checked by their own tests.
  check(method, path, status, value) {
    const operation = this.operation(method, path);
    if (!operation) return [];
    let answer = operation.responses[status] ?? operation.responses[`${Math.floor(status / 100)}XX`] ?? operation.responses.default;
    if (!answer) return [`${operation.template}: status ${status} is not documented`];
    if (answer.$ref) answer = resolve(this.root, answer.$ref);
    const schema = answer.content?.["application/json"]?.schema;
    return schema ? check(schema, value, "body", this.root) : [`${operation.template} ${status}: has no JSON schema`];
  }
}
