using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GanFromScratch.Tensors;

/// <summary>
/// Compiled programs on disk. A file begins with a digest of its key and its content, so that one that was damaged, cut short or put there
/// by something else is as good as none. Failing to read or write is no error: the program is then compiled again.
/// </summary>
internal sealed class ProgramCache(string folder)
{
    private const int DigestSize = SHA256.HashSizeInBytes;

    /// <summary>A name for what a program is compiled from, by and for: whatever differs gives another one.</summary>
    public static string Key(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (string part in parts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length); // so that "ab", "c" isn't "a", "bc"
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The compiled program, or null.</summary>
    public byte[]? Find(string key)
    {
        try
        {
            byte[] file = File.ReadAllBytes(PathOf(key));
            if (file.Length <= DigestSize)
                return null;
            byte[] program = file[DigestSize..];
            return file.AsSpan(0, DigestSize).SequenceEqual(Digest(key, program)) ? program : null;
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            return null;
        }
    }

    /// <summary>
    /// Keeps a compiled program, where the folder can be written to. Another process that keeps the same one at the same time does no harm.
    /// </summary>
    public void Keep(string key, ReadOnlySpan<byte> program)
    {
        string temporary = Path.Combine(folder, $".{key}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = File.Create(temporary))
            {
                file.Write(Digest(key, program));
                file.Write(program);
            }
            File.Move(temporary, PathOf(key), overwrite: true);
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            Remove(temporary);
        }
    }

    /// <summary>Writes a text that a driver rejected to a file, in the temporary folder where the cache can't be written to.</summary>
    /// <returns>The file's path, or null where neither could be.</returns>
    public string? KeepRejected(string text, string kernel, string ending)
    {
        string file = $"{kernel}-{Key(text)[..8]}{ending}";
        foreach (string place in (string[])[Path.Combine(folder, "rejected"), Path.GetTempPath()])
        {
            try
            {
                Directory.CreateDirectory(place);
                string path = Path.Combine(place, file);
                File.WriteAllText(path, text);
                return path;
            }
            catch (Exception fault) when (IsOfFiles(fault))
            {
                // the next place
            }
        }
        return null;
    }

    private static byte[] Digest(string key, ReadOnlySpan<byte> program)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(key));
        hash.AppendData(program);
        return hash.GetHashAndReset();
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            // an unwritable folder can't be tidied either
        }
    }

    private static bool IsOfFiles(Exception fault) => fault is IOException or UnauthorizedAccessException;

    private string PathOf(string key) => Path.Combine(folder, key);
}
