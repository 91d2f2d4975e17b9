using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Modes;

// points[n,2]: x and y of n points

/// <summary>
/// A mixture of equally likely round Gaussians in the plane, for counting the modes that a GAN covers (Srivastava et al., 2017; Lin et al.,
/// 2018).
/// </summary>
public sealed class Mixture : ModeSet
{
    private readonly float[] _centres;

    private Mixture(string name, IEnumerable<(double X, double Y)> centres, float sigma, float scale, float extent)
    {
        Name = name;
        _centres = [.. centres.SelectMany(centre => new[] { (float)centre.X, (float)centre.Y })];
        (Sigma, Scale, Extent) = (sigma, scale, extent);
    }

    /// <summary>8 Gaussians on a circle of radius 1, sigma 0.01.</summary>
    public static Mixture Ring { get; } = new(
        "ring", Enumerable.Range(0, 8).Select(k => (Math.Cos(k * Math.PI / 4), Math.Sin(k * Math.PI / 4))),
        sigma: 0.01f, scale: 1f, extent: 1.5f);

    /// <summary>5 by 5 Gaussians at a distance of 2, sigma 0.05. Networks see it divided by its deviation, √(8 + 0.05²).</summary>
    public static Mixture Grid { get; } = new(
        "grid", Enumerable.Range(0, 25).Select(k => (2.0 * (k % 5) - 4, 2.0 * (k / 5) - 4)),
        sigma: 0.05f, scale: 2.8288689f, extent: 5.5f);

    /// <summary>All mixtures.</summary>
    public static IReadOnlyList<Mixture> All { get; } = [Ring, Grid];

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Number of Gaussians.</summary>
    public override int Modes => _centres.Length / 2;

    /// <summary>x and y.</summary>
    public override PictureShape Shape => new(1, 1, 2);

    /// <summary>2,500, as in the PacGAN paper.</summary>
    public override int Samples => 2_500;

    /// <inheritdoc/>
    public override string SamplesAre => "points";

    /// <summary>The deviation of each Gaussian, in x and y.</summary>
    public float Sigma { get; }

    /// <summary>What networks divide coordinates by.</summary>
    public float Scale { get; }

    /// <summary>Half the side of a plot.</summary>
    public float Extent { get; }

    /// <summary>The mean of a Gaussian.</summary>
    public (float X, float Y) Centre(int mode) => (_centres[2 * mode], _centres[(2 * mode) + 1]);

    /// <summary>Samples points, [n,2], divided by <see cref="Scale"/>. The caller disposes them.</summary>
    public override Tensor Sample(Device device, RandomStream random, int n)
    {
        Span<float> centres = n <= 1024 ? stackalloc float[2 * n] : new float[2 * n];
        for (int i = 0; i < n; i++)
        {
            int mode = random.Below(Modes);
            centres[2 * i] = _centres[2 * mode] / Scale;
            centres[(2 * i) + 1] = _centres[(2 * mode) + 1] / Scale;
        }
        var points = new Tensor(device, new Shape(n, 2));
        RandomNumbers.Normal(random, 0f, Sigma / Scale, points);
        using var means = Tensor.From(device, points.Shape, centres);
        Elementwise.Zip(default(Add), points, means, points);
        return points;
    }

    /// <inheritdoc/>
    public override void Count(ReadOnlySpan<float> samples, ModesTally tally)
    {
        for (int i = 0; i < samples.Length; i += 2)
        {
            float x = samples[i] * Scale, y = samples[i + 1] * Scale, least = float.PositiveInfinity;
            int nearest = 0;
            for (int mode = 0; mode < Modes; mode++)
            {
                float dx = x - _centres[2 * mode], dy = y - _centres[(2 * mode) + 1], square = (dx * dx) + (dy * dy);
                if (square < least)
                    (least, nearest) = (square, mode);
            }
            tally.Add(nearest, good: least <= 9f * Sigma * Sigma);
        }
    }

    /// <inheritdoc/>
    internal override Image Draw(ReadOnlySpan<float> samples) => Scatter.Draw(this, samples);
}
