using System.Text;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>
/// The inputs of golden steps: every number is a hash of a tensor's name and an index, so that no tensor need be stored. FNV-1a 64 of the
/// name, then the finaliser of splitmix64 for each element.
/// </summary>
internal static class GoldenInputs
{
    public static ulong Hash(string name)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 0x100000001b3;
        return hash;
    }

    public static ulong Bits(ulong hash, long i)
    {
        ulong z = hash + ((ulong)(i + 1) * 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    public static double Unit(ulong hash, long i) => (Bits(hash, i) >> 11) * (1.0 / (1L << 53));

    public static float[] Uniform(string name, int count, double low, double high)
    {
        ulong hash = Hash(name);
        return [.. Enumerable.Range(0, count).Select(i => (float)(low + ((high - low) * Unit(hash, i))))];
    }

    public static float[] Normal(string name, int count)
    {
        ulong hash = Hash(name);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
                (float)(Math.Sqrt(-2 * Math.Log(1 - Unit(hash, 2L * i))) * Math.Cos(2 * Math.PI * Unit(hash, (2L * i) + 1)))),
        ];
    }

    /// <summary>A gradient's or a value's numbers in the golden order, which is PyTorch's.</summary>
    public static float[] GoldenOrder(Parameter parameter, Tensor value)
    {
        var order = new float[value.Count];
        TorchLayout.Export(parameter, value.ToArray(), order);
        return order;
    }

    /// <summary>A network's parameters, by the hash of their names.</summary>
    public static void Fill(Sequential network, string prefix)
    {
        foreach (var parameter in network.Parameters)
        {
            string name = prefix + parameter.Name.Replace('.', '/');
            var shape = parameter.Value.Shape;
            bool isNorm = parameter.Name.StartsWith("bn", StringComparison.Ordinal);
            bool isBias = parameter.Name.EndsWith("bias", StringComparison.Ordinal);
            if (shape.Rank > 1 && parameter.Name != "emb.weight")
            {
                int taps = shape.Rank == 4 ? shape[0] * shape[1] : 1;
                double bound = Math.Sqrt(6.0 / (taps * (shape[shape.Rank - 2] + shape.Columns)));
                TorchLayout.Import(parameter, Uniform(name, shape.Count, -bound, bound));
            }
            else
            {
                var (low, high) = (isNorm, isBias) switch { (true, false) => (0.8, 1.2), (true, true) => (-0.1, 0.1), _ => (-0.05, 0.05) };
                parameter.Value.CopyFrom(Uniform(name, shape.Count, low, high));
            }
        }
    }
}
