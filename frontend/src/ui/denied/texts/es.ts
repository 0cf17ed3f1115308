import { texts } from './en'

export default texts({
  heading: 'No tienes acceso a este documento',
  text: 'Quien lo posee no lo comparte contigo, o ha dejado de hacerlo. Pregunta a quien te dio la dirección.',
  trashed: 'Este documento está en la papelera',
  'trashed.mine': {
    one: 'Puedes restaurarlo tal como estaba durante {count} día más.',
    other: 'Puedes restaurarlo tal como estaba durante {count} días más.',
  },
  'trashed.stays': 'Puedes restaurarlo tal como estaba.',
  'trashed.others': 'Lo puso ahí quien lo posee, y puede restaurarlo.',
  restore: 'Restaurar',
})
