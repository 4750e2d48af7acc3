// A module hook: inside the folder of the API-key plugin, a module that was imported as a copy
// (?copy=N) imports its neighbours as members of the same copy. For releases whose plugin is a folder
// of modules; see borrowPlugin in release.mjs.

export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  const copy = /\?copy=\d+$/.exec(context.parentURL ?? "");
  const isNeighbour = specifier.startsWith(".") && resolved.url.includes("/plugins/api-key/");
  return copy !== null && isNeighbour ? { ...resolved, url: resolved.url + copy[0] } : resolved;
}
