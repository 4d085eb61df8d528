export {
  python,
  temporaryDirectory,
  tensorboard,
  tensorboardAt,
  tensorboardWithTensorFlow,
} from "../../frontend/scripts/tensorboard.mjs";

export interface TensorBoard {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}
