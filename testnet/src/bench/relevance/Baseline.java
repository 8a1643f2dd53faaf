// The baseline of `commun-testnet bench --relevance`: Lucene 8 (Debian's liblucene8-java) with the analyzer of the language, BM25 (k1 1.2,
// b 0.75), any of the words, a word of the title counting twice.
//
// java Baseline LANGUAGE DOCUMENTS QUERIES…   each file tab-separated: id, title, text; id, query
//
// Prints for each file of queries, after a line with its number, the first hundred hits: query, document.

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.QueryBuilder;

public class Baseline {
    static final int HITS = 100;

    public static void main(String[] arguments) throws Exception {
        Analyzer analyzer = arguments[0].equals("fr") ? new FrenchAnalyzer() : new EnglishAnalyzer();
        ByteBuffersDirectory folder = new ByteBuffersDirectory();
        try (IndexWriter writer = new IndexWriter(folder, new IndexWriterConfig(analyzer));
             BufferedReader lines = Files.newBufferedReader(Paths.get(arguments[1]))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] cells = line.split("\t", -1);
                Document document = new Document();
                document.add(new StoredField("id", cells[0]));
                document.add(new TextField("title", cells[1], Field.Store.NO));
                document.add(new TextField("text", cells[2], Field.Store.NO));
                writer.addDocument(document);
            }
        }
        IndexSearcher searcher = new IndexSearcher(DirectoryReader.open(folder));
        searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
        QueryBuilder builder = new QueryBuilder(analyzer);
        PrintWriter out = new PrintWriter(new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)));
        for (int at = 2; at < arguments.length; at++) {
            out.println(at - 2);
            for (String line : Files.readAllLines(Paths.get(arguments[at]))) {
                String[] cells = line.split("\t", -1);
                BooleanQuery.Builder both = new BooleanQuery.Builder();
                for (String field : new String[] {"title", "text"}) {
                    Query words = builder.createBooleanQuery(field, cells[1]);
                    if (words != null) {
                        float weight = field.equals("title") ? 2 : 1;
                        both.add(new BoostQuery(words, weight), BooleanClause.Occur.SHOULD);
                    }
                }
                for (ScoreDoc hit : searcher.search(both.build(), HITS).scoreDocs) {
                    out.println(cells[0] + "\t" + searcher.doc(hit.doc).get("id"));
                }
            }
        }
        out.flush();
    }
}
