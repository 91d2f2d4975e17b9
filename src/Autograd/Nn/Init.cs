using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Initialises a layer: its weight [in, out], of a convolution [rows, columns, in, out], and its bias [out].</summary>
public abstract record Init
{
    /// <summary>
    /// Uniform in ±√(6 / (in + out)) (Glorot and Bengio, 2010), in and out times the taps of a convolution; biases 0.
    /// </summary>
    public static Init GlorotUniform { get; } = new Glorot();

    /// <summary>Uniform in ±bound; biases 0.</summary>
    public static Init Uniform(float bound) => new Even(bound);

    /// <summary>Normal with this deviation; biases 0.</summary>
    public static Init Normal(float deviation) => new Gaussian(deviation);

    /// <summary>Normal with this deviation, within two deviations; biases likewise.</summary>
    public static Init TruncatedNormal(float deviation) => new Truncated(deviation);

    /// <summary>Fills a weight [in, out] or [rows, columns, in, out].</summary>
    public abstract void Weight(Tensor weight, RandomStream random);

    /// <summary>Fills a bias [out].</summary>
    public virtual void Bias(Tensor bias, RandomStream random) => bias.Device.Fill(bias, 0f);

    private sealed record Glorot : Init
    {
        public override void Weight(Tensor weight, RandomStream random)
        {
            var shape = weight.Shape;
            int taps = shape.Rank == 4 ? shape[0] * shape[1] : 1;
            float bound = MathF.Sqrt(6f / (taps * (shape[shape.Rank - 2] + shape.Columns)));
            RandomNumbers.Uniform(random, -bound, bound, weight);
        }

        public override string ToString() => "Glorot uniform, biases 0";
    }

    private sealed record Even(float Bound) : Init
    {
        public override void Weight(Tensor weight, RandomStream random) => RandomNumbers.Uniform(random, -Bound, Bound, weight);

        public override string ToString() => $"uniform in ±{Bound}, biases 0";
    }

    private sealed record Gaussian(float Deviation) : Init
    {
        public override void Weight(Tensor weight, RandomStream random) => RandomNumbers.Normal(random, 0f, Deviation, weight);

        public override string ToString() => $"normal(0, {Deviation}), biases 0";
    }

    private sealed record Truncated(float Deviation) : Init
    {
        public override void Weight(Tensor weight, RandomStream random) => RandomNumbers.TruncatedNormal(random, 0f, Deviation, weight);

        public override void Bias(Tensor bias, RandomStream random) => Weight(bias, random);

        public override string ToString() => $"truncated normal(0, {Deviation}), biases too";
    }
}
