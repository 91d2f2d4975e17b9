using System.IO.Compression;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Replays the files that coverage-guided fuzzing starts with and finds (tests/fuzz/run): each is read, or refused.</summary>
public sealed class CorpusTests
{
    private static IReadOnlyCollection<string> Names => Readers.Names;

    [TestCaseSource(nameof(Names))]
    public void TheCorpusIsReadOrRefused(string reader)
    {
        using var folder = new TestFolder(inMemory: true);
        string corpus = Path.Combine(TestContext.CurrentContext.TestDirectory, "fuzz", "corpus", $"{reader}.zip");
        using var archive = ZipFile.OpenRead(corpus);
        int read = 0;
        foreach (var entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using (var stream = entry.Open())
                stream.CopyTo(content);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read += Readers.Reads(reader, folder.Path, content.ToArray()) ? 1 : 0;
            }
            catch (Exception fault)
            {
                Assert.Fail($"{reader}.zip/{entry.Name}: {fault}");
            }
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(64 << 20), $"{reader}.zip/{entry.Name}");
        }
        Assert.That(read, Is.Positive, "files that are whole are in the corpus");
    }
}
