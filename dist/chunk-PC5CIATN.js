import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
import{didYouMean,parseCommandLine}from"./chunk-ENZ2PUDU.js";import"./chunk-CIQVV5ZR.js";import"./chunk-IH2QPYBS.js";export{didYouMean,parseCommandLine};
