import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
function outliveOutput(...streams){for(let stream of streams)stream.on("error",()=>{})}export{outliveOutput};
