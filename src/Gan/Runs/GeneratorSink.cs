using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>`generator.safetensors`: the newest generator, written after each epoch.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
/// <param name="screen">Gets a warning when an epoch's write fails.</param>
internal sealed class GeneratorSink(RunFolder folder, Trainer trainer, Screen screen) : IRunSink, IDisposable
{
    private readonly GeneratorExport _export = new();
    private readonly RewrittenFile _file = new(screen);
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
        _file.Finish();
    }

    /// <summary>Waits until the file is written.</summary>
    public void Dispose() => _file.Dispose();

    private void Write()
    {
        _file.WaitUntilIdle();
        _written = trainer.Step;
        _export.Copy(trainer.Recipe, trainer.Images.Shape, trainer.Model.Sampler, trainer.OwnClasses, _written);
        _file.Start(() => _export.Write(folder.Generator));
    }
}
