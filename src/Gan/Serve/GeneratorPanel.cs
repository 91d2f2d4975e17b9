using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Serve;

/// <summary>Draws pictures with the newest generators of runs, one request after another, on a thread of its own.</summary>
/// <param name="book">The known recipes.</param>
internal sealed class GeneratorPanel(RecipeBook book) : IDisposable
{
    private const int MostKept = 4;
    private readonly CpuDevice _device = new(1);
    private readonly Lock _one = new();
    private readonly List<(string File, DateTime Written, SavedGenerator Generator)> _kept = [];

    /// <summary>Draws a grid of pictures as a PNG.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="seed">The seed of the noise.</param>
    /// <param name="towards">Another seed, towards which each noise vector is moved.</param>
    /// <param name="share">How far, from 0 to 1.</param>
    /// <param name="label">The class, or null for all in turn.</param>
    /// <param name="otherLabel">The class towards which it is moved.</param>
    /// <param name="count">The number of pictures.</param>
    /// <exception cref="GanException">Data: the run has no generator that can be read.</exception>
    public byte[] Draw(string run, ulong seed, ulong towards, double share, int? label, int? otherLabel, int count)
    {
        lock (_one)
        {
            var generator = Generator(run);
            var draws = new GeneratorPictures(generator, _device);
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
            var generator = Generator(run);
            return generator.ClassNames ?? [.. Enumerable.Range(0, generator.Classes).Select(label => $"{label}")];
        }
    }

    /// <summary>Returns the memory to the device.</summary>
    public void Dispose() => _device.Dispose();

    private static float[] Shares(int classes, int label, int other, float share)
    {
        var shares = new float[classes];
        if (classes == 0)
            return shares;
        shares[label % classes] += 1f - share;
        shares[other % classes] += share;
        return shares;
    }

    private SavedGenerator Generator(string run)
    {
        string file = GeneratorFile.Find(run, Screen.Silent);
        var written = File.GetLastWriteTimeUtc(file);
        int place = _kept.FindIndex(kept => kept.File == file && kept.Written == written);
        if (place >= 0)
            return _kept[place].Generator;
        var generator = GeneratorFile.Read(book, file, _device);
        _kept.RemoveAll(kept => kept.File == file);
        if (_kept.Count == MostKept)
            _kept.RemoveAt(0);
        _kept.Add((file, written, generator));
        return generator;
    }
}
