namespace GanFromScratch.Gan.Training;

/// <summary>The place of a training step in the run.</summary>
/// <param name="Epoch">The epoch's number, from 1.</param>
/// <param name="StepOfEpoch">The step's number in its epoch, from 1.</param>
/// <param name="StepsPerEpoch">Steps of a whole epoch.</param>
/// <param name="Step">The step's number in the run, from 1.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
public readonly record struct TrainingPosition(int Epoch, int StepOfEpoch, int StepsPerEpoch, int Step, int TotalSteps);
