export {
  citizenCheckCharacter,
  type CitizenNumber,
  isCitizenNumber,
  readCitizenNumber,
} from './citizen-number.js';
export { CREDIT_CODE_ALPHABET, creditCodeCheckCharacter } from './credit-code.js';
export {
  isCalendarDay,
  type MachineReadableZone,
  MRZ_LENGTH,
  mrzCheckDigit,
  readMachineReadableZone,
} from './machine-readable-zone.js';
