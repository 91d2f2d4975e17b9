using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>Which line of source an IL instruction came from, where the assembly's PDB lies beside it.</summary>
internal static class SourceLines
{
    private static readonly ConcurrentDictionary<string, MetadataReaderProvider?> Files = new();

    /// <summary>`Elementwise.cs:120`, or null where that isn't known.</summary>
    public static string? Of(MethodBase method, int offset)
    {
        try
        {
            if (Files.GetOrAdd(Path.ChangeExtension(method.Module.FullyQualifiedName, ".pdb"), Open) is not { } file)
                return null;
            var reader = file.GetMetadataReader();
            var handle = MetadataTokens.MethodDebugInformationHandle(method.MetadataToken & 0xffffff);
            SequencePoint? last = null;
            foreach (var point in reader.GetMethodDebugInformation(handle).GetSequencePoints())
            {
                if (point.Offset <= offset && !point.IsHidden)
                    last = point;
            }
            return last is { } found
                ? $"{Path.GetFileName(reader.GetString(reader.GetDocument(found.Document).Name))}:{found.StartLine}"
                : null;
        }
        catch (BadImageFormatException)
        {
            return null; // a line is a help; a damaged PDB must not hide what it was to help with
        }
    }

    private static MetadataReaderProvider? Open(string path)
    {
        try
        {
            return MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(path));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
