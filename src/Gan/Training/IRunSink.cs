using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Training;

/// <summary>How a run ended.</summary>
public enum RunEnd
{
    /// <summary>All steps were taken.</summary>
    Completed,

    /// <summary>It was asked to stop.</summary>
    Interrupted,

    /// <summary>It diverged, or the device failed.</summary>
    Failed,
}

/// <summary>
/// What becomes of a run's steps, epochs, sample grids and states: a log, a file, a line on the screen. One class each; a sink overrides
/// what it needs.
/// </summary>
public interface IRunSink
{
    /// <summary>The run starts.</summary>
    /// <param name="from">The checkpoint that it resumes; null: it starts anew.</param>
    void Begin(Checkpoint? from)
    {
    }

    /// <summary>A step's metrics were read; on an asynchronous device later steps have started. Called often: it must be quick.</summary>
    /// <param name="position">The step's place in the run.</param>
    /// <param name="metrics">Its metrics, until the call returns.</param>
    void Step(TrainingPosition position, MetricValues metrics)
    {
    }

    /// <summary>An epoch, or the last part of one, is over.</summary>
    void Epoch(EpochReport report)
    {
    }

    /// <summary>Pictures were drawn from the fixed noise vectors.</summary>
    /// <param name="epoch">Epochs trained; 0 before training.</param>
    /// <param name="pictures">[n, pixels], in the recipe's pixel range.</param>
    void Sampled(int epoch, ReadOnlySpan<float> pictures)
    {
    }

    /// <summary>
    /// A checkpoint is due. The snapshot holds the trainer's state; each sink in turn adds what it needs to resume. An epoch that isn't
    /// over has not been reported: a run that resumes from here reports the whole of it.
    /// </summary>
    /// <param name="step">Steps taken.</param>
    /// <param name="snapshot">The state.</param>
    void State(int step, Snapshot snapshot)
    {
    }

    /// <summary>The run is over. Not called if a file could not be written.</summary>
    void End(RunEnd end)
    {
    }
}
