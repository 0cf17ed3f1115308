export { PictureBar } from './PictureBar'
export { Pictures } from './pictures'
export { Uploads } from './Uploads'
