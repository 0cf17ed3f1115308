import { texts } from './en'

export default texts({
  heading: 'Vous n’avez pas accès à ce document',
  text: 'La personne à qui il appartient ne le partage pas, ou plus, avec vous. Demandez à qui vous a donné l’adresse.',
  trashed: 'Ce document est dans la corbeille',
  'trashed.mine': {
    one: 'Vous pouvez le restaurer tel qu’il était pendant {count} jour encore.',
    other: 'Vous pouvez le restaurer tel qu’il était pendant {count} jours encore.',
  },
  'trashed.stays': 'Vous pouvez le restaurer tel qu’il était.',
  'trashed.others': 'La personne à qui il appartient l’y a mis et peut le restaurer.',
  restore: 'Restaurer',
})
