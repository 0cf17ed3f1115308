import { texts } from './en'

export default texts({
  heading: 'Sie haben keinen Zugriff auf dieses Dokument',
  text: 'Es wird nicht oder nicht mehr mit Ihnen geteilt. Fragen Sie, wer Ihnen die Adresse gegeben hat.',
  trashed: 'Dieses Dokument liegt im Papierkorb',
  'trashed.mine': {
    one: 'Sie können es noch {count} Tag lang wiederherstellen, so wie es war.',
    other: 'Sie können es noch {count} Tage lang wiederherstellen, so wie es war.',
  },
  'trashed.stays': 'Sie können es wiederherstellen, so wie es war.',
  'trashed.others': 'Wem es gehört, hat es dorthin gelegt und kann es wiederherstellen.',
  restore: 'Wiederherstellen',
})
