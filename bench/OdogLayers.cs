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
}
