using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Serve;

/// <summary>
/// Draws pictures with the newest generators of runs, one request after another. Each generator has a device of its own, with which its
/// memory goes.
/// </summary>
/// <param name="book">The known recipes.</param>
internal sealed class GeneratorPanel(RecipeBook book) : IDisposable
{
    private const int MostKept = 4;
    private readonly Lock _one = new();
    private readonly List<Kept> _kept = [];

    /// <summary>Draws a grid of pictures as a PNG.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="seed">The seed of the noise.</param>
    /// <param name="towards">Another seed, towards which each noise vector is moved.</param>
    /// <param name="share">How far, from 0 to 1.</param>
    /// <param name="label">The class, or null for all in turn.</param>
    /// <param name="otherLabel">The class towards which it is moved.</param>
    /// <param name="count">The number of pictures.</param>
    /// <param name="stop">Cancels it while it waits for others.</param>
    /// <exception cref="GanException">Data: the run has no generator that can be read.</exception>
    public byte[] Draw(
        string run, ulong seed, ulong towards, double share, int? label, int? otherLabel, int count, CancellationToken stop)
    {
        lock (_one)
        {
            stop.ThrowIfCancellationRequested();
            var (generator, device) = Newest(run);
            var draws = new GeneratorPictures(generator, device);
            bool isSpherical = !generator.Recipe.UniformNoise;
            float[][] from = draws.NoisesOf(seed, count), to = draws.NoisesOf(towards, count);
            byte[] pictures = draws.OfNoises(
                [.. from.Zip(to, (a, b) => Interpolation.Between(a, b, share, isSpherical))],
                picture => Shares(generator.Classes, label ?? picture, otherLabel ?? label ?? picture, (float)share));
            var (rows, columns) = GeneratorPictures.Square(count);
            return ImageWriter.Png(draws.Grid(pictures, rows, columns, zoom: 1));
        }
    }

    /// <summary>Returns the names of the classes that a run's generator can be asked for.</summary>
    /// <exception cref="GanException">Data: the run has no generator that can be read.</exception>
    public IReadOnlyList<string> ClassesOf(string run)
    {
        lock (_one)
        {
            var (generator, _) = Newest(run);
            return generator.ClassNames ?? [.. Enumerable.Range(0, generator.Classes).Select(label => $"{label}")];
        }
    }

    /// <summary>Frees the generators' memory.</summary>
    public void Dispose()
    {
        foreach (var kept in _kept)
            kept.Device.Dispose();
    }

    private static float[] Shares(int classes, int label, int other, float share)
    {
        var shares = new float[classes];
        if (classes == 0)
            return shares;
        shares[label % classes] += 1f - share;
        shares[other % classes] += share;
        return shares;
    }

    private (SavedGenerator Generator, CpuDevice Device) Newest(string run)
    {
        string file = GeneratorFile.Find(run, Screen.Silent);
        var written = File.GetLastWriteTimeUtc(file);
        int place = _kept.FindIndex(kept => kept.File == file);
        if (place < 0 && _kept.Count == MostKept)
            place = 0;
        if (place >= 0 && (_kept[place].File != file || _kept[place].Written != written))
        {
            _kept[place].Device.Dispose();
            _kept.RemoveAt(place);
            place = -1;
        }
        if (place < 0)
        {
            var device = new CpuDevice(1);
            place = _kept.Count;
            try
            {
                _kept.Add(new Kept(file, written, GeneratorFile.Read(book, file, device), device));
            }
            catch
            {
                device.Dispose();
                throw;
            }
        }
        return (_kept[place].Generator, _kept[place].Device);
    }

    private sealed record Kept(string File, DateTime Written, SavedGenerator Generator, CpuDevice Device);
}
