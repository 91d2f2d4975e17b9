using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Modes;

// points[n,2]: n points of the plane, x and y

/// <summary>
/// Equally likely round Gaussians in the plane: the toy sets by which the literature counts a GAN's modes (Srivastava et al., 2017; Lin et al., 2018).
/// </summary>
public sealed class Mixture
{
    private readonly float[] _centres;

    private Mixture(string name, IEnumerable<(double X, double Y)> centres, float sigma, float unit, float reach)
    {
        Name = name;
        _centres = [.. centres.SelectMany(centre => new[] { (float)centre.X, (float)centre.Y })];
        (Sigma, Unit, Reach) = (sigma, unit, reach);
    }

    /// <summary>Eight on a circle of radius 1, sigma 0.01.</summary>
    public static Mixture Ring { get; } = new(
        "ring", Enumerable.Range(0, 8).Select(k => (Math.Cos(k * Math.PI / 4), Math.Sin(k * Math.PI / 4))), sigma: 0.01f, unit: 1f, reach: 1.5f);

    /// <summary>Five by five at a distance of 2, sigma 0.05. Networks see it divided by its deviation, the root of 8 + 0.05².</summary>
    public static Mixture Grid { get; } = new(
        "grid", Enumerable.Range(0, 25).Select(k => (2.0 * (k % 5) - 4, 2.0 * (k / 5) - 4)), sigma: 0.05f, unit: 2.8288689f, reach: 5.5f);

    /// <summary>Both.</summary>
    public static IReadOnlyList<Mixture> All { get; } = [Ring, Grid];

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>How many Gaussians it has.</summary>
    public int Modes => _centres.Length / 2;

    /// <summary>The deviation of each, both ways.</summary>
    public float Sigma { get; }

    /// <summary>What a network's 1 is here.</summary>
    public float Unit { get; }

    /// <summary>A picture of it goes this far from the middle.</summary>
    public float Reach { get; }

    /// <summary>The middle of one Gaussian.</summary>
    public (float X, float Y) Centre(int mode) => (_centres[2 * mode], _centres[(2 * mode) + 1]);

    /// <summary>New points as a network sees them, [n,2]. The caller disposes them.</summary>
    public Tensor Draw(Device device, RandomStream random, int n)
    {
        Span<float> centres = n <= 1024 ? stackalloc float[2 * n] : new float[2 * n];
        for (int i = 0; i < n; i++)
        {
            int mode = random.Below(Modes);
            centres[2 * i] = _centres[2 * mode] / Unit;
            centres[(2 * i) + 1] = _centres[(2 * mode) + 1] / Unit;
        }
        var points = new Tensor(device, new Shape(n, 2));
        RandomNumbers.Normal(random, 0f, Sigma / Unit, points);
        using var middles = Tensor.From(device, points.Shape, centres);
        Elementwise.Zip(default(Add), points, middles, points);
        return points;
    }

    /// <summary>How well points cover the Gaussians. They are in a network's units.</summary>
    public ModesScore Score(ReadOnlySpan<float> points)
    {
        var near = new int[Modes];
        var good = new bool[Modes];
        int highQuality = 0, n = points.Length / 2;
        for (int i = 0; i < n; i++)
        {
            float x = points[2 * i] * Unit, y = points[(2 * i) + 1] * Unit, least = float.PositiveInfinity;
            int nearest = 0;
            for (int mode = 0; mode < Modes; mode++)
            {
                float dx = x - _centres[2 * mode], dy = y - _centres[(2 * mode) + 1], square = (dx * dx) + (dy * dy);
                if (square < least)
                    (least, nearest) = (square, mode);
            }
            near[nearest]++;
            if (least > 9f * Sigma * Sigma)
                continue;
            highQuality++;
            good[nearest] = true;
        }
        double kl = 0;
        foreach (int count in near)
        {
            double p = (double)count / n;
            kl += count == 0 ? 0 : p * Math.Log(p * Modes);
        }
        return new ModesScore(good.Count(found => found), (double)highQuality / n, kl);
    }
}

/// <summary>How well generated points cover a mixture, as in the PacGAN paper (Lin et al., 2018).</summary>
/// <param name="Covered">Gaussians with at least one point within three sigma of the middle.</param>
/// <param name="HighQuality">The share of points within three sigma of the nearest middle. Of real points it is 98.9 %.</param>
/// <param name="ReverseKl">The divergence, in nats, from the even distribution of how many points are nearest to each Gaussian.</param>
public readonly record struct ModesScore(int Covered, double HighQuality, double ReverseKl);
