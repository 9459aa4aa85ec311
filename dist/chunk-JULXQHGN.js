import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
import{didYouMean,parseCommandLine}from"./chunk-DWGVF22A.js";import"./chunk-PU5OSSI3.js";export{didYouMean,parseCommandLine};
