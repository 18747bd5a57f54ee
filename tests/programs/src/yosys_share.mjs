// Completes the library folder of @yowasp/yosys: the package keeps its small files as strings in
// gen/resources-yosys.js and only the large ones as files in gen/share.
//
//   node yosys_share.mjs PACKAGE-FOLDER OUTPUT-FOLDER
import {cpSync, mkdirSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

const [pack, output] = process.argv.slice(2);
const {filesystem} = await import(pathToFileURL(resolve(pack, 'gen/resources-yosys.js')));

function write(folder, entries) {
  mkdirSync(folder, {recursive: true});
  for (const [name, content] of Object.entries(entries)) {
    const path = join(folder, name);
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
    else if (!(content instanceof URL)) write(path, content);
  }
}

cpSync(join(pack, 'gen/share'), output, {recursive: true});
write(output, filesystem.share);
