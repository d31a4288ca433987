// The base of the map: Natural Earth's land and borders (1:50 million), as two lines of SVG in degrees of Web Mercator.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { feature, mesh } from "topojson-client";

const PARTS = 100; // of a degree, as far as the outlines are true
const NEAREST_POLE = 85;
const OUT = "../src/witnessmark/web/static/built";

const read = (name) => JSON.parse(readFileSync(`node_modules/world-atlas/${name}-50m.json`, "utf8"));

function at([longitude, latitude]) {
  const bounded = (Math.max(-NEAREST_POLE, Math.min(NEAREST_POLE, latitude)) * Math.PI) / 180;
  const north = (Math.log(Math.tan(Math.PI / 4 + bounded / 2)) * 180) / Math.PI;
  return [Math.round(longitude * PARTS), Math.round(-north * PARTS)];
}

const ROUND = 360 * PARTS;

/** A line in whole steps, going on past 180° where it comes in again on the other side. */
function unwound(points) {
  const found = [];
  let turns = 0;
  for (const point of points) {
    const [x, y] = at(point);
    const before = found.at(-1);
    if (before && Math.abs(x + turns - before[0]) > ROUND / 2) turns += x + turns > before[0] ? -ROUND : ROUND;
    if (!before || before[0] !== x + turns || before[1] !== y) found.push([x + turns, y]);
  }
  return found;
}

/** A line on the map, and again on the other side of it if it goes past its edge; a ring around a pole is closed beyond it. */
function drawn(points, end) {
  const found = unwound(points);
  if (found.length < 2) return "";
  const [first, last] = [found[0], found.at(-1)];
  if (end && Math.abs(last[0] - first[0]) > ROUND / 2) found.push([last[0], ROUND / 2], [first[0], ROUND / 2]);
  const all = found.map(([x]) => x);
  const shifts = [0, ROUND, -ROUND].filter((by) => Math.max(...all) + by > -ROUND / 2 && Math.min(...all) + by < ROUND / 2);
  return shifts.map((by) => written(found, by) + end).join("");
}

function written(points, by) {
  let [x, y] = points[0];
  const steps = points.slice(1).map(([right, down]) => {
    const step = `${right - x} ${down - y}`;
    [x, y] = [right, down];
    return step;
  });
  return `M${points[0][0] + by} ${points[0][1]}l${steps.join(" ").replace(/ -/g, "-")}`;
}

const land = read("land");
const countries = read("countries");
const rings = feature(land, land.objects.land).features.flatMap((one) => one.geometry.coordinates.flat());
const borders = mesh(countries, countries.objects.countries, (one, other) => one !== other).coordinates;
const path = (id, lines) => `<path id="${id}" vector-effect="non-scaling-stroke" transform="scale(${1 / PARTS})" d="${lines.join("")}"/>`;
mkdirSync(OUT, { recursive: true });
writeFileSync(
  `${OUT}/world.svg`,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -180 360 360">${path("land", rings.map((ring) => drawn(ring, "z")))}${path(
    "borders",
    borders.map((border) => drawn(border, "")),
  )}</svg>\n`,
);
