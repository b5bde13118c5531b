// What every page is made with: Preact, its hooks, and htm's templates bound to it.
import htm from "htm";
import { createContext, Fragment, h, render } from "preact";
import {
  useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useReducer, useRef, useState,
} from "preact/hooks";

export const html = htm.bind(h);
export {
  createContext, Fragment, h, render,
  useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useReducer, useRef, useState,
};
