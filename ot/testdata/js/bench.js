// Measures the JavaScript that package ot is compared with. The input is one JSON
// object; the output is the nanoseconds one step takes.
//
//   {task: "transform", pairs: [[a, b], ...]}   quill-delta's transform
//   {task: "apply", changes: [delta, ...]}      quill-delta's compose onto a document
//   {task: "accept", submits: [{rev, op}]}      rich-text: decode, rebase, apply, encode;
//                                               op is text
'use strict';

const Delta = require('quill-delta');
const { type } = require('rich-text');

// The processor time one step of run takes, on average over runs that together
// take some milliseconds; collecting garbage is counted, compiling mostly not.
function cpu(steps, milliseconds, run) {
  for (const until = Date.now() + milliseconds / 3; Date.now() < until; ) run();
  const start = process.cpuUsage();
  let runs = 0;
  for (const until = Date.now() + milliseconds; Date.now() < until; runs++) run();
  const used = process.cpuUsage(start);
  return ((used.user + used.system) * 1000) / runs / steps;
}

const tasks = {
  transform({ pairs }) {
    const deltas = pairs.map(([a, b]) => [new Delta(a), new Delta(b)]);
    const round = () => deltas.forEach(([a, b]) => a.transform(b, true));
    return cpu(deltas.length, 3000, () => deltas.forEach(([a, b]) => a.transform(b, true)));
  },

  apply({ changes }) {
    const deltas = changes.map((ops) => new Delta(ops));
    return cpu(deltas.length, 1, () => {
      let doc = new Delta();
      for (const delta of deltas) doc = doc.compose(delta);
    });
  },

  accept({ submits }) {
    const run = () => {
      let snapshot = type.create();
      const records = [];
      let bytes = 0;
      for (const { rev, op } of submits) {
        let record = new Delta(JSON.parse(op));
        for (let i = rev; i < records.length; i++) {
          record = type.transform(record, records[i], 'left');
        }
        records.push(record);
        snapshot = type.apply(snapshot, record);
        bytes += JSON.stringify(record.ops).length;
      }
      return bytes;
    };
    return cpu(submits.length, 6000, run);
  },
};

let input = '';
process.stdin.on('data', (data) => (input += data)).on('end', () => {
  const question = JSON.parse(input);
  process.stdout.write(JSON.stringify(tasks[question.task](question)) + '\n');
});
