import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
var EXIT={ok:0,failed:1,wrongUse:2,invalid:3},BY_VERDICT={pass:EXIT.ok,warn:EXIT.ok,fail:EXIT.failed,invalid:EXIT.invalid},exitStatusOf=verdict=>BY_VERDICT[verdict];export{EXIT,exitStatusOf};
