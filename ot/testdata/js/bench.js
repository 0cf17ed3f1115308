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

function timed(steps, run) {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / steps;
}

const tasks = {
  transform({ pairs }) {
    const deltas = pairs.map(([a, b]) => [new Delta(a), new Delta(b)]);
    const round = () => deltas.forEach(([a, b]) => a.transform(b, true));
    const warmUntil = Date.now() + 500;
    while (Date.now() < warmUntil) round();
    let rounds = 0;
    const until = Date.now() + 1000;
    const perRound = timed(1, () => {
      while (Date.now() < until) {
        round();
        rounds++;
      }
    });
    return perRound / rounds / deltas.length;
  },

  apply({ changes }) {
    const deltas = changes.map((ops) => new Delta(ops));
    return timed(deltas.length, () => {
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
    run();
    return timed(submits.length, run);
  },
};

let input = '';
process.stdin.on('data', (data) => (input += data)).on('end', () => {
  const question = JSON.parse(input);
  process.stdout.write(JSON.stringify(tasks[question.task](question)) + '\n');
});
