// Answers questions about deltas as the JavaScript that real clients run does.
// One question per line of input, one answer per line of output, both JSON.
//
//   {doc, a, b, c, index}   doc: a document; a, b: changes to it; c: to doc·a
//   {doc, submits}          a session: [{rev, op}], in commit order
'use strict';

const readline = require('readline');
const Delta = require('quill-delta');
const { type } = require('rich-text');

function pair({ doc, a, b, c, index }) {
  const [base, one, other, next] = [doc, a, b, c].map((ops) => new Delta(ops));
  const after = one.transform(other, true);
  return {
    merged: base.compose(one).compose(after).ops,
    aFirst: after.ops,
    bFirst: one.transform(other, false).ops,
    left: type.transform({ ops: b }, { ops: a }, 'left').ops,
    right: type.transform({ ops: b }, { ops: a }, 'right').ops,
    composed: one.compose(next).ops,
    applied: base.compose(one).ops,
    inverse: one.invert(base).ops,
    own: one.transformPosition(index, false),
    others: one.transformPosition(index, true),
    lengths: [one.length(), one.changeLength()],
  };
}

// A record is what ShareDB's server makes of a submission: carried over every
// record since the revision it was made at, each of which wins ties.
function session({ doc, submits }) {
  let snapshot = type.create(doc);
  const records = [];
  for (const { rev, op } of submits) {
    let record = { ops: op };
    for (const committed of records.slice(rev)) {
      record = type.transform(record, committed, 'left');
    }
    records.push(record);
    snapshot = type.apply(snapshot, record);
  }
  return { records: records.map((record) => record.ops), final: snapshot.ops };
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line);
  const answer = question.submits ? session(question) : pair(question);
  process.stdout.write(JSON.stringify(answer) + '\n');
});
