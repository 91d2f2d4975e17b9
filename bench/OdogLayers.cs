namespace GanFromScratch.Bench;

/// <summary>A product [M,K]·[K,N].</summary>
public readonly record struct Product(int M, int K, int N)
{
    public long MultiplyAdds => (long)M * K * N;

    public override string ToString() => $"{M}x{K}x{N}";
}

/// <summary>The dense layers of the odog recipe at its own batch, as products batch x inputs x outputs.</summary>
internal static class OdogLayers
{
    public const int Batch = 128;
    public const int Pixels = 784;

    public static Product[] Generator { get; } =
        [new(Batch, 100, 256), new(Batch, 256, 512), new(Batch, 512, 1024), new(Batch, 1024, Pixels)];

    public static Product[] Discriminator { get; } = [new(Batch, Pixels, 512), new(Batch, 512, 256), new(Batch, 256, 1)];

    /// <summary>
    /// Multiply-adds of one training step's products: two updates of D, the second on fakes that G makes first, and one of G through D. A forward
    /// pass, the weights' gradient and the inputs' gradient cost the same; a network's first layer has no use for the last one when it trains.
    /// </summary>
    public static long MultiplyAddsOfStep
    {
        get
        {
            long g = Generator.Sum(layer => layer.MultiplyAdds), d = Discriminator.Sum(layer => layer.MultiplyAdds);
            long updateOfD = (3 * d) - Discriminator[0].MultiplyAdds;
            long updateOfG = (3 * g) - Generator[0].MultiplyAdds + (2 * d); // through D: forward, and back to its inputs
            return updateOfD + (g + updateOfD) + updateOfG;
        }
    }
}
