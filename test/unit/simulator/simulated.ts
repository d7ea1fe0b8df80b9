import { SimulatedClock } from '../../simulator/clock';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/simulator';
import { TestClient } from './client';

export interface Simulated {
  simulator: Simulator;
  client: TestClient;
}

export const START = '2026-01-31T10:00:00Z';

/** Runs `body` with a simulator whose clock stands at START, and always closes it. */
export async function withSimulator(
  options: SimulatorOptions,
  body: (simulated: Simulated) => Promise<void>,
): Promise<void> {
  const simulator = await startSimulator({ clock: SimulatedClock.at(START), ...options });
  try {
    await body({ simulator, client: new TestClient(simulator) });
  } finally {
    await simulator.close();
  }
}
