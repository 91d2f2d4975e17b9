using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>`generator.safetensors`: the newest generator, written after each epoch.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="plan">What the run does.</param>
/// <param name="trainer">The run.</param>
internal sealed class GeneratorSink(RunFolder folder, TrainingPlan plan, Trainer trainer) : IRunSink, IDisposable
{
    private readonly GeneratorExport _export = new();
    private readonly BackgroundWrite _writing = new();
    private int _written = -1;

    /// <inheritdoc/>
    public void Epoch(EpochReport report) => Write();

    /// <inheritdoc/>
    public void End(RunEnd end)
    {
        if (end == RunEnd.Failed)
            return; // what was written before stays
        if (_written != trainer.Step)
            Write();
        _writing.Wait();
    }

    /// <summary>Waits until the file is written.</summary>
    public void Dispose() => _writing.WaitQuietly();

    private void Write()
    {
        _writing.Wait();
        _written = trainer.Step;
        _export.Copy(plan, trainer.Model.Sampler, _written);
        _writing.Start(() => _export.Write(folder.Generator));
    }
}
