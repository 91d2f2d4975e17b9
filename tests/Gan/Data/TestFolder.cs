namespace GanFromScratch.Tests;

/// <summary>A folder of its own, gone at the end.</summary>
/// <param name="inMemory">Whether it may lie in memory, where the system has a place for that: for a test that writes tens of thousands of
/// files.</param>
internal sealed class TestFolder(bool inMemory = false) : IDisposable
{
    private const string Memory = "/dev/shm";

    public string Path { get; } = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"gan-data-{Guid.NewGuid():n}")).FullName
        : Directory.CreateTempSubdirectory("gan-data-").FullName;

    public string File(string name, byte[] content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
