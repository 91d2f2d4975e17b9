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

    /// <summary>
    /// Uniform in ±√(6 / ((1 + slope²) · n)), n being the numbers that an element of the result is a sum of: what passes layers with such a
    /// leaky ReLU keeps its size (He et al., 2015); biases 0.
    /// </summary>
    /// <param name="slope">The slope below 0.</param>
    public static Init HeUniform(float slope) => new He(slope);

    /// <summary>Uniform in ±bound; biases 0.</summary>
    public static Init Uniform(float bound) => new Even(bound);

    /// <summary>Normal with this deviation; biases 0.</summary>
    public static Init Normal(float deviation) => new Gaussian(deviation);

    /// <summary>Normal with this deviation, within two deviations; biases likewise.</summary>
    public static Init TruncatedNormal(float deviation) => new Truncated(deviation);

    /// <summary>Fills a weight [in, out] or [rows, columns, in, out].</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="random">The stream that it is drawn from.</param>
    /// <param name="terms">How many numbers an element of the layer's result is a sum of, away from edges.</param>
    public abstract void Weight(Tensor weight, RandomStream random, double terms);

    /// <summary>Fills a bias [out].</summary>
    public virtual void Bias(Tensor bias, RandomStream random) => bias.Device.Fill(bias, 0f);

    private sealed record Glorot : Init
    {
        public override void Weight(Tensor weight, RandomStream random, double terms)
        {
            var shape = weight.Shape;
            int taps = shape.Rank == 4 ? shape[0] * shape[1] : 1;
            float bound = MathF.Sqrt(6f / (taps * (shape[shape.Rank - 2] + shape.Columns)));
            RandomNumbers.Uniform(random, -bound, bound, weight);
        }

        public override string ToString() => "Glorot uniform, biases 0";
    }

    private sealed record He(float Slope) : Init
    {
        public override void Weight(Tensor weight, RandomStream random, double terms)
        {
            float bound = (float)Math.Sqrt(6 / ((1 + ((double)Slope * Slope)) * terms));
            RandomNumbers.Uniform(random, -bound, bound, weight);
        }

        public override string ToString() => $"He uniform for slopes of {Slope}, biases 0";
    }

    private sealed record Even(float Bound) : Init
    {
        public override void Weight(Tensor weight, RandomStream random, double terms) =>
            RandomNumbers.Uniform(random, -Bound, Bound, weight);

        public override string ToString() => $"uniform in ±{Bound}, biases 0";
    }

    private sealed record Gaussian(float Deviation) : Init
    {
        public override void Weight(Tensor weight, RandomStream random, double terms) =>
            RandomNumbers.Normal(random, 0f, Deviation, weight);

        public override string ToString() => $"normal(0, {Deviation}), biases 0";
    }

    private sealed record Truncated(float Deviation) : Init
    {
        public override void Weight(Tensor weight, RandomStream random, double terms) =>
            RandomNumbers.TruncatedNormal(random, 0f, Deviation, weight);

        public override void Bias(Tensor bias, RandomStream random) => Weight(bias, random, 0);

        public override string ToString() => $"truncated normal(0, {Deviation}), biases too";
    }
}
