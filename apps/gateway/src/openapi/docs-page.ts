import type { Endpoint } from '../http/endpoint.js';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8886; }
details { border: 1px solid #8886; border-radius: .5rem; margin: .5rem 0; padding: .5rem .8rem; }
summary { cursor: pointer; }
code, pre { font: .875rem/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: .8rem; background: #8881; border-radius: .5rem; }
.method { display: inline-block; min-width: 4.5em; font-weight: 700; }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }`;

interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

/** A page that a person can read: no script, nothing fetched from anywhere. */
export function docsPage(
  endpoints: readonly Endpoint[],
  document: Readonly<Record<string, unknown>>,
): string {
  const schemas = (document['components'] as { schemas: Readonly<Record<string, SchemaNode>> }).schemas;
  const tags = [...new Set(endpoints.map(({ tag }) => tag))];
  const sections = tags.map((tag) => {
    const own = endpoints.filter((endpoint) => endpoint.tag === tag);
    return `<h2>${escape(tag)}</h2>${own.map((endpoint) => entry(endpoint, document, schemas)).join('')}`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Trivium API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head><body>
<h1>Trivium API</h1>
<p>Every request but the operations below needs <code>Authorization: Bearer &lt;key&gt;</code>. The same in
machine-readable form: <a href="/openapi.json">/openapi.json</a>.</p>
${sections.join('')}
<h2>Errors</h2><p>Every failure is <code>{"error": {"message", "type", "param", "code"}}</code>; <code>param</code>
names what to change. <code>x-request-id</code> and <code>x-trace-id</code> are on every answer.</p>
</body></html>`;
}

function entry(
  endpoint: Endpoint,
  document: Readonly<Record<string, unknown>>,
  schemas: Readonly<Record<string, SchemaNode>>,
): string {
  const path = endpoint.path.replace(/:(\w+)/g, '{$1}').replace('*', '{id}');
  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  const operation = paths[path]?.[endpoint.method.toLowerCase()];
  const body = operation?.requestBody?.content['application/json']?.schema;
  const form = operation?.requestBody?.content['multipart/form-data']?.schema;
  return `<details><summary><span class="method">${endpoint.method}</span> <code>${escape(path)}</code>
 ${escape(endpoint.summary)}</summary>
${body === undefined ? '' : `<h4>JSON body</h4>${table(resolve(body, schemas), schemas)}`}
${form === undefined ? '' : `<h4>Form</h4>${table(resolve(form, schemas), schemas)}`}
<pre>${escape(curl(endpoint, path))}</pre></details>`;
}

interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: SchemaNode } | undefined>>;
  };
}

function table(schema: SchemaNode, schemas: Readonly<Record<string, SchemaNode>>): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const required = schema.required?.includes(name) ? ' (required)' : '';
    const description = field.description ?? '';
    return `<tr><td><code>${escape(name)}</code>${required}</td><td><code>${escape(typeName(field, schemas))}</code></td><td>${escape(description)}</td></tr>`;
  });
  return `<table>${rows.join('')}</table>`;
}

function typeName(schema: SchemaNode, schemas: Readonly<Record<string, SchemaNode>>): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) {
    const names = union.map((branch) => typeName(branch, schemas)).filter((name) => name !== 'null');
    return [...new Set(names)].join(' | ');
  }
  if (schema.type === 'array') return `${schema.items ? typeName(schema.items, schemas) : 'any'}[]`;
  return typeof schema.type === 'string' ? schema.type : (schema.type?.join(' | ') ?? 'any');
}

function resolve(schema: SchemaNode, schemas: Readonly<Record<string, SchemaNode>>): SchemaNode {
  const name = schema.$ref?.split('/').at(-1);
  return (name === undefined ? undefined : schemas[name]) ?? schema;
}

function curl({ method, access, body, form, bytes }: Endpoint, path: string): string {
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}http://localhost:8080${path}`];
  if (access !== 'public') lines.push('-H "Authorization: Bearer $TRIVIUM_API_KEY"');
  if (body !== undefined) lines.push(`-H 'Content-Type: application/json' -d @request.json`);
  else if (form !== undefined) lines.push('-F file=@picture.jpg -F purpose=user_data');
  else if (bytes !== undefined) {
    lines.push(`-H 'Content-Type: application/octet-stream' --data-binary @part`);
  }
  return lines.join(' \\\n  ');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
