using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

/// <summary>
/// `samples/*.png` and `training.gif`: a grid of real pictures, a grid of generated ones after each epoch, and all of these in a row,
/// each above its epoch's number.
/// </summary>
/// <param name="folder">The run's folder.</param>
/// <param name="trainer">The run.</param>
/// <param name="screen">Hears of grids that are lost.</param>
internal sealed class GridSink(RunFolder folder, Trainer trainer, Screen screen) : IRunSink
{
    private const int MostFrames = 300;
    private readonly List<int> _sampled = [];
    private (int Width, int Height, int Channels) _gridSize, _unlabelled;

    /// <summary>The latest grid, within the folder.</summary>
    public string LastGrid => RunFolder.Sample(_sampled[^1]);

    /// <summary>Refuses a run whose grids would be larger than pictures may be, before anything is written.</summary>
    /// <exception cref="GanException">Usage: they would.</exception>
    public static void RequireRoom(Trainer trainer)
    {
        var (samples, rows, columns) = trainer.Request.GridFor(trainer.Recipe, trainer.Model.Classes);
        var (width, height) = ImageGrid.SizeOf(trainer.Images.Shape, rows, columns, labelled: trainer.Model.Classes > 0);
        if (width * height > ImageWriter.MaxPixels)
        {
            throw new GanException(
                ExitCode.Usage,
                $"A grid of {samples:N0} pictures of {trainer.Images.Shape} would have {width:N0}x{height:N0} pixels, more than the "
                + $"{ImageWriter.MaxPixels:N0} that a picture may have. Choose fewer --samples.");
        }
    }

    /// <inheritdoc/>
    public void Begin(Checkpoint? from)
    {
        if (from is not null)
            _sampled.AddRange(Enumerable.Range(0, trainer.Epochs + 1).Where(trainer.IsSampled));
        // the first real pictures that training sees, or as many as a batch may have
        int count = Math.Min(trainer.Request.GridFor(trainer.Recipe, trainer.Model.Classes).Samples, trainer.ImagesUsed);
        var random = SeedStream.Data.Of(trainer.Request.Seed);
        var mirrors = trainer.Request.Flip ? SeedStream.Mirrors.Of(trainer.Request.Seed) : null;
        using var cpu = new CpuDevice(1); // on a GPU, all pictures would be taken there for these few
        using var batches = new Batches(trainer.Images, trainer.ImagesUsed, trainer.Recipe, count, cpu, random, mirrors: mirrors);
        using var real = batches.Next(0)[0];
        var grid = WriteGrid(folder.RealSamples, real.ToArray());
        _unlabelled = SizeOf(grid);
        _gridSize = SizeOf(Labelled(grid));
    }

    /// <inheritdoc/>
    public void Sampled(int epoch, ReadOnlySpan<float> pictures)
    {
        WriteGrid(PathOf(epoch), pictures, labelled: true);
        _sampled.Add(epoch);
    }

    /// <summary>Writes the animation of the grids that are still there, and warns of those that aren't.</summary>
    public void End(RunEnd end)
    {
        var lost = new SortedDictionary<int, string>();
        int[] epochs = [.. Thinned(_sampled, MostFrames)];
        var frames = Frames(epochs, lost);
        bool any = frames.Any();
        if (any)
            AnimatedGif.Write(folder.Animation, frames);
        if (lost.Count > 0)
        {
            screen.Warn($"{folder.Animation} {(any ? "lacks" : "isn't made: it would lack")} {lost.Count} of {epochs.Length} grids, "
                + $"the first that of epoch {lost.First().Key}. {lost.First().Value.TrimEnd('.')}.");
        }
    }

    /// <summary>Returns at most so many of the items, the first and the last among them, evenly spread.</summary>
    internal static IEnumerable<int> Thinned(IReadOnlyList<int> items, int most) => items.Count <= most
        ? items
        : Enumerable.Range(0, most).Select(i => items[(int)((long)i * (items.Count - 1) / (most - 1))]);

    // Read when asked, so that a long run's grids need little memory. A long run also gives people time to remove some.
    private IEnumerable<Image> Frames(IReadOnlyList<int> epochs, SortedDictionary<int, string> lost)
    {
        foreach (int epoch in epochs.Where(epoch => !lost.ContainsKey(epoch)))
        {
            Image? frame = null;
            try
            {
                frame = ImageFiles.Read(PathOf(epoch)).Image;
                if (SizeOf(frame) == _unlabelled)
                    frame = Labelled(frame); // of an older version
                if (SizeOf(frame) != _gridSize)
                    lost[epoch] = $"{PathOf(epoch)} is another picture now";
            }
            catch (GanException fault)
            {
                lost[epoch] = fault.Message;
            }
            if (frame is not null && !lost.ContainsKey(epoch))
                yield return NumberStrip.Below(frame, epoch, epochs[^1]);
        }
    }

    private string PathOf(int epoch) => Path.Combine(folder.Name, RunFolder.Sample(epoch));

    private Image WriteGrid(string path, ReadOnlySpan<float> pictures, bool labelled = false)
    {
        var (low, high) = trainer.Recipe.PixelRange;
        var (_, rows, columns) = trainer.Request.GridFor(trainer.Recipe, trainer.Model.Classes);
        var image = ImageGrid.Compose(pictures, trainer.Images.Shape, low, high, rows, columns);
        if (trainer.Recipe.GridsShowRed && image.Channels == 3)
            image = ImageGrid.RedChannel(image);
        if (labelled)
            image = Labelled(image);
        ImageWriter.Write(path, image);
        return image;
    }

    // with the classes that pictures are asked for, one after another
    private Image Labelled(Image grid)
    {
        int classes = trainer.Model.Classes;
        var (samples, _, columns) = trainer.Request.GridFor(trainer.Recipe, classes);
        return classes == 0
            ? grid
            : ImageGrid.Labelled(grid, trainer.Images.Shape, columns, [.. Enumerable.Range(0, samples).Select(i => i % classes)]);
    }

    private static (int Width, int Height, int Channels) SizeOf(Image image) => (image.Width, image.Height, image.Channels);
}
