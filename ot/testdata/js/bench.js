// Measures the JavaScript that package ot is compared with. The first line of the
// input is a question, one JSON object:
//
//   {task: "transform", pairs: [[a, b], ...]}   quill-delta's transform
//   {task: "apply", changes: [delta, ...]}      quill-delta's compose onto a document
//   {task: "accept", submits: [{rev, op}]}      rich-text: decode, rebase, apply, encode;
//                                               op is text
//
// It is answered with "ready" once the code is warm. Each line after that asks for
// a round of about so many milliseconds, and is answered with the nanoseconds of
// processor time one step took in it.
'use strict';

const readline = require('node:readline');
const Delta = require('quill-delta');
const { type } = require('rich-text');

const keptRecords = 256; // of a document, for submissions that are behind
const warmUp = 1500; // milliseconds; by then V8 has compiled what it is going to

// A task returns the number of steps of a run, and the run.
const tasks = {
  transform({ pairs }) {
    const deltas = pairs.map(([a, b]) => [new Delta(a), new Delta(b)]);
    const run = () => {
      for (let i = 0; i < deltas.length; i++) deltas[i][0].transform(deltas[i][1], true);
    };
    return [deltas.length, run];
  },

  apply({ changes }) {
    const deltas = changes.map((ops) => new Delta(ops));
    const run = () => {
      let doc = new Delta();
      for (const delta of deltas) doc = doc.compose(delta);
    };
    return [deltas.length, run];
  },

  accept({ submits }) {
    const run = () => {
      let snapshot = type.create();
      const records = new Array(keptRecords); // by revision, going round
      let revision = 0;
      let bytes = 0;
      for (const { rev, op } of submits) {
        let record = new Delta(JSON.parse(op));
        for (let i = rev; i < revision; i++) {
          record = type.transform(record, records[i % keptRecords], 'left');
        }
        records[revision++ % keptRecords] = record;
        snapshot = type.apply(snapshot, record);
        bytes += JSON.stringify(record.ops).length;
      }
      return bytes;
    };
    return [submits.length, run];
  },
};

// The processor time of one step, over whole runs that take so many milliseconds
// together; collecting garbage is counted.
function round(steps, run, milliseconds) {
  const start = process.cpuUsage();
  const until = performance.now() + milliseconds;
  let runs = 0;
  do {
    run();
    runs++;
  } while (performance.now() < until);
  const used = process.cpuUsage(start);
  return ((used.user + used.system) * 1000) / runs / steps;
}

let task;
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  if (!task) {
    const question = JSON.parse(line);
    task = tasks[question.task](question);
    round(...task, warmUp);
    process.stdout.write('ready\n');
  } else {
    process.stdout.write(`${round(...task, Number(line))}\n`);
  }
});
