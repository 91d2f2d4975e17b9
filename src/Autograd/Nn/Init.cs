using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Initialises a dense layer: its weight [in, out], and its bias [out].</summary>
public abstract record Init
{
    /// <summary>Uniform in ±√(6 / (in + out)) (Glorot and Bengio, 2010); biases 0.</summary>
    public static Init GlorotUniform { get; } = new Glorot();

    /// <summary>Normal with this deviation; biases 0.</summary>
    public static Init Normal(float deviation) => new Gaussian(deviation);

    /// <summary>Normal with this deviation, within two deviations; biases likewise.</summary>
    public static Init TruncatedNormal(float deviation) => new Truncated(deviation);

    /// <summary>Fills a weight [in, out].</summary>
    public abstract void Weight(Tensor weight, RandomStream random);

    /// <summary>Fills a bias [out].</summary>
    public virtual void Bias(Tensor bias, RandomStream random) => bias.Device.Fill(bias, 0f);

    private sealed record Glorot : Init
    {
        public override void Weight(Tensor weight, RandomStream random)
        {
            float bound = MathF.Sqrt(6f / (weight.Shape[0] + weight.Shape[1]));
            RandomNumbers.Uniform(random, -bound, bound, weight);
        }

        public override string ToString() => "Glorot uniform, biases 0";
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
