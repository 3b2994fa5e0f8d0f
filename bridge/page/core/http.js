// What comes over HTTP: JSON, and files that go up.

/** The JSON at a path. Rejects with the bridge's sentence. */
export async function getJson(path, options = {}) {
  return (await getJsonWithHeaders(path, options)).content;
}

/** The same with the answer's headers: `{content, headers}`. */
export async function getJsonWithHeaders(path, options = {}) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  if (!response.ok) throw await problem(response);
  return { content: await response.json(), headers: response.headers };
}

/** Put a file into the exchange folder; its path there, which requests may name. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  const response = await fetch("/sources", { method: "POST", body: form });
  if (!response.ok) throw await problem(response);
  return (await response.json()).path;
}

/** The address of a take's file, or of something about it: `takePath(name, "/peaks?width=600")`. */
export function takePath(name, rest = "") {
  return `/takes/${encodeURIComponent(name)}${rest}`;
}

async function problem(response) {
  let said = {};
  try {
    said = await response.json();
  } catch {
    // An error without JSON has its number to tell, no more.
  }
  return Object.assign(new Error(said.message ?? `The bridge answered ${response.status}.`), {
    code: said.code,
  });
}
