// What a page asks the server for. Errors come back as words for the reader.

export class Refused extends Error {
  constructor(status, words) { super(words); this.status = status; }
}

function wordsOf(status, said) {
  if (typeof said?.detail === "string") return said.detail;
  if (Array.isArray(said?.detail)) {
    return said.detail.map((e) => `${e.loc.slice(1).join(", ") || "input"}: ${e.msg}`).join("; ");
  }
  return `Refused (${status}).`;
}

async function ask(method, path, body) {
  let answer;
  try {
    const json = body !== undefined && !(body instanceof Blob);
    answer = await fetch(path, {
      method, headers: json ? { "content-type": "application/json" } : {}, body: json ? JSON.stringify(body) : body,
    });
  } catch {
    throw new Refused(0, "No connection.");
  }
  if (!answer.ok) throw new Refused(answer.status, wordsOf(answer.status, await answer.json().catch(() => null)));
  return answer.json();
}

export const get = (path) => ask("GET", path);
export const post = (path, body) => ask("POST", path, body);
export const put = (path, body) => ask("PUT", path, body);
export const patch = (path, body) => ask("PATCH", path, body);
export const remove = (path) => ask("DELETE", path);
