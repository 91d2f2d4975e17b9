using System.IO.Compression;
using System.Text;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A plain reader of the arrays that are written here.</summary>
internal static class NpzArray
{
    /// <summary>The array `images`: its header's text, and its bytes.</summary>
    public static (string Header, byte[] Values) Read(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        using var stream = archive.GetEntry("images.npy")!.Open();
        using var all = new MemoryStream();
        stream.CopyTo(all);
        byte[] bytes = all.ToArray();
        Assert.That(bytes[..8], Is.EqualTo(new byte[] { 0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0 }));
        int length = bytes[8] + (256 * bytes[9]);
        Assert.That((10 + length) % 64, Is.Zero);
        return (Encoding.ASCII.GetString(bytes, 10, length), bytes[(10 + length)..]);
    }
}
