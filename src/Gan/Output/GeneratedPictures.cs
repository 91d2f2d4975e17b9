using GanFromScratch.Autograd;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>Pictures from a saved generator.</summary>
internal static class GeneratedPictures
{
    private const int AtOnce = 500;

    /// <summary>The first pictures of a seed, those that `gan sample` draws.</summary>
    public static PictureBytes Draw(SavedGenerator generator, Device device, ulong seed, int count)
    {
        var (low, high) = generator.Recipe.PixelRange;
        var random = Streams.Samples.Of(seed);
        var pictures = new byte[count * generator.Shape.Length];
        for (int from = 0; from < count; from += AtOnce)
        {
            int n = Math.Min(AtOnce, count - from);
            using var noise = new Tensor(device, new Shape(n, generator.Recipe.NoiseSize));
            generator.Recipe.DrawNoise(random, noise);
            using var tape = new Tape(device);
            float[] values = generator.Network.Forward(tape.Constant(noise), generator.Recipe.SamplePass).Value.ToArray();
            for (int i = 0; i < values.Length; i++)
                pictures[(from * generator.Shape.Length) + i] = ImageGrid.ToByte((values[i] - low) / (high - low));
        }
        return new PictureBytes(generator.Shape, pictures);
    }
}
