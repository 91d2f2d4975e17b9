using System.Diagnostics;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// `--live`: above the live line the losses and accuracies of all steps as lines of blocks, and the newest pictures of the fixed noise, as
/// many as the window has room for.
/// </summary>
/// <param name="screen">The screen.</param>
/// <param name="trainer">The run.</param>
internal sealed class LiveViewSink(Screen screen, Trainer trainer) : IRunSink
{
    private const int LinesBeside = 8; // of epochs, the live line, and these curves
    private static readonly Metric[] Shown = [Metric.DiscriminatorLoss, Metric.GeneratorLoss, Metric.AccuracyOnReal, Metric.AccuracyOnFake];
    private static readonly string[] Names = ["D loss        ", "G loss        ", "right on real ", "right on fake "];
    private static readonly long Pause = Stopwatch.Frequency / 4;

    private readonly StepMeans _steps = new(Shown);
    private TerminalPicture? _picture;
    private long _next;

    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        if (from is not null)
            _steps.Restore(trainer.Step, []);
    }

    /// <inheritdoc/>
    public void Step(TrainingPosition position, MetricValues metrics)
    {
        _steps.Add(position.Step, metrics);
        long now = Stopwatch.GetTimestamp();
        if (now < _next)
            return;
        _next = now + Pause;
        int width = Screen.Width;
        string[] lines = new string[Shown.Length];
        for (int i = 0; i < lines.Length; i++)
        {
            var values = new float[_steps.Values.Length / Shown.Length];
            for (int row = 0; row < values.Length; row++)
                values[row] = _steps.Values[(row * Shown.Length) + i];
            lines[i] = Sparkline.Of(Names[i], values, width);
        }
        screen.ShowAbove(lines, _picture);
    }

    /// <inheritdoc/>
    public void Sampled(int epoch, ReadOnlySpan<float> pictures) =>
        _picture = Fit(pictures, trainer.Images.Shape, trainer.Recipe.PixelRange, Screen.Width, 2 * (Screen.Height - LinesBeside));

    /// <summary>Lays out as many pictures as fit, at their own size, or one of which every second or third pixel fits.</summary>
    /// <param name="pictures">[n, Height·Width·Channels]</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="range">Their values' range.</param>
    /// <param name="width">Columns of the window.</param>
    /// <param name="height">Rows of pixels.</param>
    /// <returns>Null if nothing fits.</returns>
    internal static TerminalPicture? Fit(
        ReadOnlySpan<float> pictures, PictureShape shape, (float Low, float High) range, int width, int height)
    {
        int every = 1;
        while (every < shape.Width && (shape.Width / every > width || shape.Height / every > height))
            every++;
        int wide = shape.Width / every, tall = shape.Height / every;
        if (wide == 0 || tall == 0 || width < wide || height < tall)
            return null;
        int columns = Math.Max(1, (width + 1) / (wide + 1)), rows = Math.Max(1, (height + 1) / (tall + 1));
        int count = Math.Min(columns * rows, pictures.Length / shape.Length);
        columns = Math.Min(columns, count);
        rows = (count + columns - 1) / columns;
        int across = (columns * (wide + 1)) - 1, down = (rows * (tall + 1)) - 1;
        var made = new TerminalPicture(across, down, new byte[across * down * 3]);
        for (int i = 0; i < count; i++)
        {
            for (int y = 0; y < tall; y++)
            {
                for (int x = 0; x < wide; x++)
                {
                    int from = (i * shape.Length) + (((y * every * shape.Width) + (x * every)) * shape.Channels);
                    int to = ((((i / columns * (tall + 1)) + y) * made.Width) + (i % columns * (wide + 1)) + x) * 3;
                    for (int c = 0; c < 3; c++)
                    {
                        float value = pictures[from + (shape.Channels == 3 ? c : 0)];
                        made.Pixels[to + c] = ImageGrid.ToByte((value - range.Low) / (range.High - range.Low));
                    }
                }
            }
        }
        return made;
    }
}
