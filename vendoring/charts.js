// What the charts are calculated with; the drawing is the console's own (parts/charts/).
export { extent, max, min } from "d3-array";
export { scaleBand, scaleLinear, scalePoint } from "d3-scale";
export { area, curveMonotoneX, line, stack, stackOffsetDiverging } from "d3-shape";
