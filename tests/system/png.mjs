// PNG pictures as dots: what QEMU and the browser write, 8 bits a colour, not interlaced.
import { inflateSync } from 'node:zlib';

const CHANNELS = { 2: 3, 6: 4 };

export function readPng(bytes) {
  let at = 8;
  let head;
  const parts = [];
  while (at < bytes.length) {
    const length = bytes.readUInt32BE(at);
    const kind = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') head = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), depth: body[8], colour: body[9], interlaced: body[12] };
    if (kind === 'IDAT') parts.push(body);
    at += length + 12;
  }
  const channels = CHANNELS[head?.colour];
  if (!channels || head.depth !== 8 || head.interlaced) throw new Error(`a PNG of a kind that is not read here: ${JSON.stringify(head)}`);
  const dots = inflateSync(Buffer.concat(parts));
  return { ...head, channels, dots: unfiltered(dots, head.width * channels, head.height, channels) };
}

/** Undoes each row's filter (PNG specification, 9.2). */
function unfiltered(rows, stride, height, step) {
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)];
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    for (let x = 0; x < stride; x += 1) {
      const left = x >= step ? out[to + x - step] : 0;
      const up = y > 0 ? out[to + x - stride] : 0;
      const corner = x >= step && y > 0 ? out[to + x - stride - step] : 0;
      out[to + x] = rows[from + x] + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter, left, up, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [left, up, corner].map((one) => Math.abs(left + up - corner - one));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Part of the dots that differ visibly; all of them when the sizes differ. */
export function differing(one, two) {
  if (one.width !== two.width || one.height !== two.height) return 1;
  let apart = 0;
  const count = one.width * one.height;
  for (let at = 0; at < count; at += 1) {
    const [a, b] = [at * one.channels, at * two.channels];
    if (Math.abs(one.dots[a] - two.dots[b]) > 24 || Math.abs(one.dots[a + 1] - two.dots[b + 1]) > 24
      || Math.abs(one.dots[a + 2] - two.dots[b + 2]) > 24) apart += 1;
  }
  return apart / count;
}
